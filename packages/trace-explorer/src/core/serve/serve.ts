import { VERSION } from '../../lib/version.ts';
import { START, TYPED } from '../call.ts';
import { ANY_WORDS, readArguments } from '../command/arguments.ts';
import { CALL, CliError } from '../command/client/explorer-client.ts';
import type { CommandContext } from '../door/node.ts';
import { inOrder } from '../door/node.ts';
import { PAGE_PORT } from '../live-explorers.ts';
import { CONFIG_OPTIONS } from './options.ts';

const SERVES = 'page, API and OTLP receivers, until Ctrl+C';

/** The text of `--help`. @param commands their lines */
const usageOf = (
  commands: string,
) => `Takes traces and log records over OTLP, keeps them on this machine, and shows them.

${commands}
  --port PORT         of the page and its API (${PAGE_PORT})
  --otlp-port PORT    of OTLP over HTTP (4318)
  --grpc-port PORT    of OTLP over gRPC (4317), or off
  --data-dir FOLDER   where it keeps data (the platform's folder for data of programs)
  --max-bytes SIZE    how much it keeps, such as 500MiB (1GiB)
  --queries FOLDER    saved queries and calculated fields, as JSON to commit (none: it saves nothing)
  --host ADDRESS      where it listens (127.0.0.1: this machine only)
  --open              shows the last run of this folder in the browser; with --data-dir what is there
  --version           prints the version

Without a flag a variable of the environment counts: PORT (else the port of EXPLORER_URL), OTLP_PORT, OTLP_GRPC_PORT, DATA_DIR,
EXPLORER_MAX_BYTES, EXPLORER_QUERIES, HOST; and EXPLORER_MAX_AGE, EXPLORER_TOKEN, EXPLORER_ALLOWED_HOSTS, EXPLORER_SERVICES, LOG_LEVEL (warn).
`;

/**
 * Runs the explorer until it is asked to stop.
 * @throws ConfigError, ListenError, StoreOpenError when it cannot start, CliError for unknown arguments
 */
export async function serveCommand(args: readonly string[], context: CommandContext): Promise<void> {
  const commands = inOrder(context.parts.flatMap((each) => Object.values(each.commands ?? {})));
  const serving = process.env.TANDEM
    ? [
        ['explorer [options]', SERVES],
        ['open [options]', 'shows the last run of this folder in the browser'],
      ]
    : [['[options]', SERVES]];
  const lines = [...serving, ...commands.map(({ usage, does }) => [usage, does])];
  const usage = usageOf(
    lines.map(([words = '', does]) => `  ${CALL} ${words.padEnd(20)} ${does}\n`).join(''),
  );
  const options = {
    ...CONFIG_OPTIONS,
    open: { type: 'boolean' },
    version: { type: 'boolean' },
  } as const;
  const { values, positionals } = readArguments(args, usage, options, ANY_WORDS);
  if (values.version) return void process.stdout.write(`${VERSION}\n`);
  if (positionals.length > 0) throw new CliError(`There is no command ${positionals[0]}.\n\n${usage}`);
  // Loaded here: --help, --version and wrong arguments need nothing of the explorer.
  const { configOf } = await import('./config-of.ts');
  const { open: opens, ...own } = values;
  const isNamed = own['data-dir'] !== undefined || Boolean(process.env.DATA_DIR);
  if (opens && !isNamed) {
    const { lastRunHere } = await import('../command/last-run.ts');
    const run = lastRunHere();
    const { openLastRun } = await import('./open-last-run.ts');
    if (run !== undefined && (await openLastRun(context, run, own))) return;
    const why =
      run === undefined
        ? 'No run of this folder is known.'
        : 'It is not known which explorer has the last run of this folder.';
    throw new CliError(
      `${why} Trace a command with ${TYPED} run -- CMD, or start the explorer alone with ${START}.`,
    );
  }
  const config = await configOf(context.parts, own);
  const { runExplorer } = await import('./run-explorer.ts');
  await runExplorer(context, config, { page: opens ? '/' : undefined });
}
