// First: before DuckDB is loaded.
import './store/allocator.ts';
import closeWithGrace from 'close-with-grace';
import { pino } from 'pino';
import { readConfig } from './config.ts';
import { explainFailure } from './explain-failure.ts';
import type { RunningExplorer } from './start-explorer.ts';
import { startExplorer } from './start-explorer.ts';

/** Milliseconds that stopping may take: what was acknowledged is on disk already, so this is for a last checkpoint. */
const stopTimeout = 9000;

try {
  const config = readConfig();
  const logger = pino({
    level: config.logLevel,
    base: { 'service.name': 'trace-explorer' },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
  });
  let running: RunningExplorer | undefined;
  closeWithGrace({ delay: stopTimeout, logger: false }, async function stopExplorer({ err, signal }) {
    if (err) logger.fatal({ err }, 'uncaught error: the explorer ends');
    else logger.info({ signal }, 'stopping');
    await running?.stop();
  });
  running = await startExplorer(config, logger);
} catch (error) {
  process.stderr.write(`${explainFailure(error)}\n`);
  process.exit(1);
}
