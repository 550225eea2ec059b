import { VERSION } from '../../version.ts';
import { readArguments } from '../arguments.ts';
import { CliError } from '../client/explorer-client.ts';
import { CONFIG_OPTIONS } from './options.ts';

const USAGE = `Takes traces and log records over OTLP, keeps them on this machine, and shows them.

  trace-explorer [options]            page, API and OTLP receivers, until Ctrl+C
  trace-explorer run -- COMMAND       runs a command and shows its traces
  trace-explorer trace [ID]           a trace as text, the newest one without an id
  trace-explorer logs                 the newest log lines; -f follows
  trace-explorer import FILE…         stores traces from OTLP JSON files, and from answers of Jaeger and Tempo
  trace-explorer export [ID…]         writes traces as OTLP JSON, one per line, or into FILE.parquet; all of them without an id
  trace-explorer query FILE           the rows of a Honeycomb query
  trace-explorer check [FILE…]        Honeycomb triggers as a gate: exit code 1 when one fires
  trace-explorer verify               whether the telemetry is right: a score by service, and what mends it
  trace-explorer compare BASE [HEAD]  what a run did to every route: exit code 1 when something got worse
  trace-explorer sample --rules FILE  what sampling rules would keep, cost and lose
  trace-explorer report [RUN]         what a run did, and with --base what changed: Markdown for a pull request
  trace-explorer mcp                  answers agents about the running explorer (Model Context Protocol)

  --port PORT         of the page and its API (3000)
  --otlp-port PORT    of OTLP over HTTP (4318)
  --grpc-port PORT    of OTLP over gRPC (4317), or off
  --data-dir FOLDER   where it keeps data (the platform's folder for data of programs)
  --max-bytes SIZE    how much it keeps, such as 500MiB (1GiB)
  --queries FOLDER    saved queries and calculated fields, as JSON to commit (none: it saves nothing)
  --host ADDRESS      where it listens (127.0.0.1: this machine only)
  --open              opens the page in the browser
  --version           prints the version

Without a flag a variable of the environment counts: PORT, OTLP_PORT, OTLP_GRPC_PORT, DATA_DIR,
EXPLORER_MAX_BYTES, EXPLORER_QUERIES, HOST; and EXPLORER_MAX_AGE, EXPLORER_TOKEN, EXPLORER_ALLOWED_HOSTS, EXPLORER_SERVICES, LOG_LEVEL (warn).
`;

/**
 * Runs the explorer until it is asked to stop.
 * @throws ConfigError, ListenError, StoreOpenError when it cannot start, CliError for unknown arguments
 */
export async function serveCommand(args: readonly string[]): Promise<void> {
  const { values, positionals } = readArguments(args, USAGE, {
    ...CONFIG_OPTIONS,
    open: { type: 'boolean' },
    version: { type: 'boolean' },
  });
  if (values.version) return void process.stdout.write(`${VERSION}\n`);
  if (positionals.length > 0) throw new CliError(`There is no command ${positionals[0]}.\n\n${USAGE}`);
  // Loaded here: --help, --version and wrong arguments need nothing of the explorer.
  const { configOf } = await import('./config-of.ts');
  const config = configOf(values);
  const { runExplorer } = await import('./run-explorer.ts');
  await runExplorer(config, { opensPage: values.open === true });
}
