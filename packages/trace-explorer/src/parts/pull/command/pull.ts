import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { readArguments, readNumber, wrongUsage } from '../../../core/command/arguments.ts';
import type { ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { CALL, CliError } from '../../../core/command/client/explorer-client.ts';
import { readTime } from '../../../core/command/client/read-time.ts';
import { fileProblem } from '../../../core/command/files/file-problem.ts';
import { temporaryFolder } from '../../../core/command/files/temporary-folder.ts';
import { checkPlace, removeAfter, SIGNALS } from '../../../core/command/files/whole-file.ts';
import { showProgress } from '../../../core/command/terminal/progress.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import type { Pulled } from '../../../core/fields/pulled.ts';
import { harmlessLine } from '../../../lib/text/harmless-text.ts';
import { counted, formatCount, listed } from '../../../lib/text/words.ts';
import { readAddress } from '../clickhouse/address.ts';
import { Engine } from '../clickhouse/engine.ts';
import { findTables } from '../clickhouse/tables.ts';
import { readWhere } from '../clickhouse/where.ts';
import { estimate, pullTraces } from './pull-traces.ts';

const USAGE = `Brings some whole traces from ClickHouse, where the Collector's exporter writes them. The engine counts all of them and
chooses: each with an error, each slow one and some of the rest, as far as --traces allows, and each says how many it stands for.

  ${CALL} pull clickhouse+https://host:8443/otel --since 1h --save prod.gz
                      tables otel_traces and otel_logs; others: ?traces=TABLE&logs=TABLE
  --save FILE         a file for report, compare, verify, check, sample and import; without it an explorer shows the traces
  --since TIME        2026-11-20T08:00, or an age such as 90m, 12h or 7d (default: 1h)
  --until TIME        the end (default, and the latest: 2 minutes ago)
  --traces N          at most as many (5000)
  --slow MS           a trace is slow from as many milliseconds (default: the P99 of its own route)
  --where JSON        only traces with a span that matches filters and filter_combination of a query's JSON
  --name NAME         what the file says it is from (default: clickhouse)
  --redact NAME       leaves out the values of this field; may be repeated, and end with *
  --dry-run           says what the engine would read, and reads no traces

CLICKHOUSE_USER, CLICKHOUSE_PASSWORD and CLICKHOUSE_HEADERS have what the address must not have. The user needs SELECT on the tables.
Exit code 1: only a part came, or nothing.
`;

const text = { type: 'string' } as const;
const OPTIONS = {
  save: text,
  since: text,
  until: text,
  traces: text,
  slow: text,
  where: text,
  name: text,
  redact: { type: 'string', multiple: true },
  'dry-run': { type: 'boolean' },
} as const;

/** Milliseconds that spans may be late. */
const LATE_MS = 120_000;
const MOST_TRACES = 100_000;

/** `pull ADDRESS`. @throws CliError for an engine that does not answer as it should, and a file that cannot be written */
export async function pullCommand(args: readonly string[], { withFiles }: CommandContext): Promise<void> {
  const { values, positionals } = readArguments(args, USAGE, OPTIONS, { most: 1 });
  const [given] = positionals;
  if (given === undefined) throw wrongUsage('Name one address.', USAGE);
  const { save, name = 'clickhouse', redact = [] } = values;
  const most = Math.round(readNumber('--traces', values.traces ?? '5000', MOST_TRACES));
  if (most < 1) throw new CliError('--traces takes a number from 1.');
  const slow = values.slow === undefined ? undefined : readNumber('--slow', values.slow, 1e9);
  const range = readRange(values);
  if (save !== undefined)
    await checkPlace(save).catch((error: unknown) => {
      throw fileProblem(save, error, 'written');
    });
  const address = readAddress(given, process.env);
  if (address.open.length > 0)
    say(
      `${listed(address.open)} ${address.open.length === 1 ? 'goes' : 'go'} over the network as plain text. Use clickhouse+https://, or a tunnel: ssh -L 8123:localhost:8123 HOST, and clickhouse+http://localhost:8123.`,
    );
  const { signal, end } = stopAtSignals();
  const engine = new Engine(address, signal);
  const folder = temporaryFolder('trace-explorer-pull-');
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.on('exit', remove);
  let hasCome = false;
  try {
    if (!(await engine.bound()))
      say(
        'The engine takes no settings of this user, and does not bound the statements. pull ends each one after 315 s.',
      );
    const { traces: table, logs } = await findTables(engine, address);
    const where = values.where === undefined ? undefined : readWhere(values.where, table);
    const asked = { table, where, ...range, hasRootless: true };
    if (values['dry-run']) {
      const lines = await estimate(engine, asked);
      return void process.stdout.write(lines.map((line) => `${harmlessLine(line)}\n`).join(''));
    }
    const path = save ?? join(folder, 'pull.gz');
    const endProgress = showProgress(() =>
      engine.spent.received < 1e6
        ? 'pull: the engine counts and chooses'
        : `pull: ${formatCount(engine.spent.received / 1e6)} MB have come`,
    );
    const plan = { logs, most, slow, redact, name, path, folder, say, signal };
    const pulled = await pullTraces(engine, asked, plan).finally(endProgress);
    hasCome = true;
    saySummary(pulled, engine, save ?? name);
    if (signal.aborted) process.exitCode = exitCodeOf(signal);
    else if (pulled.part !== undefined) process.exitCode = 1;
    end();
    // Ctrl+C ends the pull, and what came is shown; the other signals want the process to end.
    if (save === undefined && (!signal.aborted || signal.reason === 'SIGINT'))
      await removeAfter(folder, () => withFiles([path], show(pulled, remove), name));
  } catch (error) {
    if (!signal.aborted || hasCome) throw error;
    throw new CliError('Stopped. Nothing came.', { exitCode: exitCodeOf(signal), cause: error });
  } finally {
    end();
    process.off('exit', remove);
    remove();
  }
}

function say(line: string): void {
  process.stderr.write(`${harmlessLine(line)}\n`);
}

/** Nanoseconds since the epoch, of whole seconds. */
function readRange({ since = '1h', until }: { readonly since?: string; readonly until?: string }) {
  const latest = Date.now() - LATE_MS;
  const end = until === undefined ? latest : Math.min(latest, readTime(until));
  const nanoseconds = (ms: number) => BigInt(Math.floor(ms / 1000)) * 1_000_000_000n;
  const range = { from: nanoseconds(readTime(since)), to: nanoseconds(end) };
  if (range.from < range.to) return range;
  throw new CliError('The range ends before it begins: it ends 2 minutes ago at the latest.');
}

/** The first signal stops; further ones change nothing: Ctrl+C often gives two, one of them from the parent process. */
function stopAtSignals() {
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals) => stop.abort(name);
  for (const each of SIGNALS) process.on(each, onSignal);
  const end = () => {
    for (const each of SIGNALS) process.off(each, onSignal);
  };
  return { signal: stop.signal, end };
}

function exitCodeOf({ reason }: AbortSignal): number {
  return 128 + constants.signals[reason as NodeJS.Signals];
}

function saySummary(pulled: Pulled, { spent }: Engine, place: string): void {
  const of = pulled.where === undefined ? '' : ` ${pulled.where.replace(/^traces /, '')}`;
  say(`${place}: ${counted(pulled.pulled, 'trace')} of ${formatCount(pulled.traces)}${of}`);
  say(
    `The engine took ${spent.seconds.toFixed(1)} s and read ${counted(spent.rows, 'row')}. ${(spent.received / 1e6).toFixed(1)} MB came.`,
  );
  if (pulled.part !== undefined) say(`It is a part: ${pulled.part}.`);
}

/** Says where the traces are shown, until a signal ends the process. @param onRead removes the file, which the explorer has read */
function show({ start, end }: Pulled, onRead: () => void) {
  return async ({ url }: ExplorerClient) => {
    onRead();
    process.stdout.write(`Traces: ${url}/?start=${Math.floor(start)}&end=${Math.ceil(end)}\n`);
    await new Promise(() => setInterval(() => {}, 2 ** 30));
  };
}
