import { spawn } from 'node:child_process';
import { createLogger } from '@tandem/service-kit/http';
import { endGracefully } from '../../http/end-gracefully.ts';
import type { Config } from '../config.ts';
import type { CommandContext, RunningExplorer } from '../door/node.ts';
import { addressLine, banner, openDoor } from './banner.ts';

/** Longest time for stopping, in milliseconds. Acknowledged spans are on disk already. */
const STOP_TIMEOUT_MS = 9_000;

/**
 * Runs the explorer until it is asked to stop.
 * @param page the path that is opened in the browser; undefined opens nothing
 * @throws ListenError, StoreOpenError when it cannot start
 */
export async function runExplorer(
  { startExplorer }: CommandContext,
  config: Config,
  { page }: { readonly page: string | undefined },
): Promise<void> {
  const logger = createLogger(config.logLevel, { base: { 'service.name': 'trace-explorer' } });
  let running: RunningExplorer | undefined;
  endGracefully(STOP_TIMEOUT_MS, async function stopExplorer({ err, signal }) {
    if (err) logger.fatal({ err }, 'uncaught error: the explorer ends');
    else logger.info({ signal }, 'stopping');
    await running?.stop();
  });
  running = await startExplorer(config, logger);
  if (page !== undefined) openBrowser(`http://localhost:${running.port}${page}`);
  // The log says already that the explorer is ready.
  if (logger.isLevelEnabled('info')) return;
  process.stdout.write(page === undefined ? banner(running, config) : addressLine(running, config, page));
  const warning = openDoor(running, config);
  if (warning !== undefined) process.stderr.write(warning);
}

/** The system's command that opens an address in the browser. */
const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = {
  darwin: ['open'],
  win32: ['explorer'],
};

/** Opens an address in the user's browser. Without a browser, as in a container, nothing happens: the banner has the address. */
export function openBrowser(url: string): void {
  const [command, ...args] = OPENERS[process.platform] ?? ['xdg-open'];
  const opener = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  opener.on('error', () => {});
  opener.unref();
}
