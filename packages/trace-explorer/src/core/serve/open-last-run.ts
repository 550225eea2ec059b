import type { LastRun } from '../command/last-run.ts';
import type { CommandContext } from '../door/node.ts';
import { ListenError } from '../explain-failure.ts';
import type { Place } from '../live-explorers.ts';
import { answers, liveExplorers, placesToAsk, urlOf } from '../live-explorers.ts';
import { configOf } from './config-of.ts';
import { openBrowser, runExplorer } from './run-explorer.ts';

type Values = Readonly<Record<string, unknown>>;

/** By variable, the option and the setting of a port. */
const PORTS: Readonly<Record<string, readonly [flag: string, setting: 'port' | 'otlpPort']>> = {
  PORT: ['port', 'port'],
  OTLP_PORT: ['otlp-port', 'otlpPort'],
};

/**
 * Shows the last run of this folder: at the explorer that has its data open, else at a new one. Ports that the caller did not
 * name give way to other programs.
 *
 * @returns false where nobody has the run any more: it is not known where its explorer kept it, and none answers
 * @throws ListenError, StoreOpenError, ConfigError when it cannot start
 */
export async function openLastRun(
  context: CommandContext,
  { id, folder }: LastRun,
  values: Values,
): Promise<boolean> {
  const page = `/?run=${encodeURIComponent(id)}`;
  const config =
    folder === undefined
      ? undefined
      : await configOf(context.parts, { 'grpc-port': 'off', ...values, 'data-dir': folder });
  const live = await liveExplorers();
  const running = await firstThatAnswers(
    config === undefined
      ? placesToAsk(undefined, live)
      : live
          .filter(({ store }) => store === config.storeDirectory)
          .map((each) => ({ url: urlOf(each), live: each })),
  );
  if (running !== undefined) {
    process.stdout.write(`${running}${page}\n`);
    openBrowser(running + page);
    return true;
  }
  if (config === undefined) return false;
  const startExplorer = withFreePorts(context.startExplorer, values);
  await runExplorer({ ...context, startExplorer }, config, { page });
  return true;
}

async function firstThatAnswers(places: readonly Omit<Place, 'by'>[]): Promise<string | undefined> {
  for (const place of places) if (await answers(place)) return place.url;
  return undefined;
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
