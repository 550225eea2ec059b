import type { LastRun } from '../command/last-run.ts';
import type { Config } from '../config.ts';
import type { CommandContext, NodePart } from '../door/node.ts';
import { ListenError } from '../explain-failure.ts';
import { configOf } from './config-of.ts';
import { keptPort } from './kept-port.ts';
import { openBrowser, runExplorer } from './run-explorer.ts';

type Values = Readonly<Record<string, unknown>>;

/** Longest time for the answer of an explorer, in milliseconds. */
const TIMEOUT_MS = 5_000;
/** By variable, the option and the setting of a port. */
const PORTS: Readonly<Record<string, readonly [flag: string, setting: 'port' | 'otlpPort']>> = {
  PORT: ['port', 'port'],
  OTLP_PORT: ['otlp-port', 'otlpPort'],
};

/**
 * Shows the last run of this folder: at the explorer that has it, else at a new one on the port that `run` had, so that a tab
 * which is still open goes on. Ports that the caller did not name give way to other programs.
 *
 * @returns false where nobody has the run any more: its explorer was another command's, and has ended
 * @throws ListenError, StoreOpenError, ConfigError when it cannot start
 */
export async function openLastRun(context: CommandContext, run: LastRun, values: Values): Promise<boolean> {
  const { id, folder, port } = run;
  const page = `/?run=${encodeURIComponent(id)}`;
  const running = await runningAt(folder === undefined ? port : await keptIn(context.parts, folder));
  if (running !== undefined) {
    process.stdout.write(`${running}${page}\n`);
    openBrowser(running + page);
    return true;
  }
  if (folder === undefined) return false;
  const asked = { 'grpc-port': 'off', ...(port && { port }), ...values, 'data-dir': folder };
  const startExplorer = withFreePorts(context.startExplorer, values);
  await runExplorer({ ...context, startExplorer }, await configOf(context.parts, asked), { page });
  return true;
}

/** Starts an explorer on free ports instead of those that are in use and that the caller did not name. */
function withFreePorts(
  startExplorer: CommandContext['startExplorer'],
  named: Values,
): CommandContext['startExplorer'] {
  return async (config, logger) => {
    let own = config;
    for (;;) {
      try {
        return await startExplorer(own, logger);
      } catch (cause) {
        const [flag, setting] =
          (cause instanceof ListenError && cause.isInUse && PORTS[cause.variable]) || [];
        if (flag === undefined || setting === undefined || named[flag] !== undefined || own[setting] === 0)
          throw cause;
        own = { ...own, [setting]: 0 };
      }
    }
  };
}

/** The page's port of the explorer that has a folder open, or had it. */
async function keptIn(parts: readonly NodePart[], folder: string): Promise<string | undefined> {
  const { storeDirectory }: Config = await configOf(parts, { 'data-dir': folder });
  return keptPort(storeDirectory);
}

/** The address of the explorer that answers at a port of this machine. */
async function runningAt(port: string | undefined): Promise<string | undefined> {
  if (port === undefined) return undefined;
  const url = `http://localhost:${port}`;
  try {
    const response = await fetch(`${url}/api/status`, {
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    // One that asks for a token is asked by the page.
    const isExplorer = response.status === 401 || typeof Object(await response.json()).max_bytes === 'number';
    return isExplorer ? url : undefined;
  } catch {
    return undefined;
  }
}
