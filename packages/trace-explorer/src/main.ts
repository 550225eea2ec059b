// First: before DuckDB is loaded, and before a file is read.
import './store/allocator.ts';
import './store/threads.ts';
import { createLogger } from '@tandem/service-kit/http';
import { readConfig } from './config.ts';
import { explainFailure } from './explain-failure.ts';
import { endGracefully } from './http/end-gracefully.ts';
import type { RunningExplorer } from './start-explorer.ts';
import { startExplorer } from './start-explorer.ts';

/** Time that stopping may take. What was acknowledged is on disk already, so this is for a last checkpoint. */
const STOP_TIMEOUT_MS = 9000;

try {
  const config = readConfig();
  const logger = createLogger(config.logLevel, { base: { 'service.name': 'trace-explorer' } });
  let running: RunningExplorer | undefined;
  endGracefully(STOP_TIMEOUT_MS, async function stopExplorer({ err, signal }) {
    if (err) logger.fatal({ err }, 'uncaught error: the explorer ends');
    else logger.info({ signal }, 'stopping');
    await running?.stop();
  });
  running = await startExplorer(config, logger);
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(1);
}
