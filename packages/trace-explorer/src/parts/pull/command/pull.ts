import { rmSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { readArguments, readNumber, wrongUsage } from '../../../core/command/arguments.ts';
import { CALL, CliError } from '../../../core/command/client/explorer-client.ts';
import { readTime } from '../../../core/command/client/read-time.ts';
import { fileProblem } from '../../../core/command/files/file-problem.ts';
import { temporaryFolder } from '../../../core/command/files/temporary-folder.ts';
import { checkPlace } from '../../../core/command/files/whole-file.ts';
import { showProgress } from '../../../core/command/terminal/progress.ts';
import type { CommandContext } from '../../../core/door/node.ts';
import { harmlessLine } from '../../../core/shared/harmless-text.ts';
import { counted, formatCount } from '../../../core/shared/words.ts';
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
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** `pull ADDRESS`. @throws CliError for an engine that does not answer as it should, and a file that cannot be written */
export async function pullCommand(args: readonly string[], { withFiles }: CommandContext): Promise<void> {
  const { values, positionals } = readArguments(args, USAGE, OPTIONS);
  const [given, ...more] = positionals;
  if (given === undefined || more.length > 0) throw wrongUsage('Name one address.', USAGE);
  const { save, name = 'clickhouse', redact = [], since = '1h', until } = values;
  const most = Math.round(readNumber('--traces', values.traces ?? '5000', MOST_TRACES));
  if (most < 1) throw new CliError('--traces takes a number from 1.');
  const slow = values.slow === undefined ? undefined : readNumber('--slow', values.slow, 1e9);
  const end = Math.min(Date.now() - LATE_MS, until === undefined ? Infinity : readTime(until));
  const [from, to] = [readTime(since), end].map((ms) => BigInt(Math.floor(ms / 1000)) * 1_000_000_000n) as [
    bigint,
    bigint,
  ];
  if (from >= to) throw new CliError('The range ends before it begins: it ends 2 minutes ago at the latest.');
  if (save !== undefined)
    await checkPlace(save).catch((error: unknown) => {
      throw fileProblem(save, error, 'written');
    });
  const address = readAddress(given, process.env);
  const say = (line: string) => void process.stderr.write(`${harmlessLine(line)}\n`);
  if (address.isOpen)
    say(
      'The user, the password and the headers go over the network as plain text. Use clickhouse+https://, or a tunnel: ssh -L 8123:localhost:8123 HOST, and clickhouse+http://localhost:8123.',
    );
  const stop = new AbortController();
  let stopped: (typeof SIGNALS)[number] | undefined;
  // Further signals change nothing: Ctrl+C often gives two, one from the terminal and one from the parent process.
  const onSignal = (signal: (typeof SIGNALS)[number]) => {
    stopped ??= signal;
    stop.abort();
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  const folder = temporaryFolder('trace-explorer-pull-');
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.on('exit', remove);
  const engine = new Engine(address, stop.signal);
  try {
    if (!(await engine.bound()))
      say(
        'The engine takes no settings of this user, and does not bound the statements. pull ends each one after 315 s.',
      );
    const { traces: table, logs } = await findTables(engine, address);
    const where = values.where === undefined ? undefined : readWhere(values.where, table);
    const asked = { table, where, from, to, hasRootless: true };
    if (values['dry-run']) {
      const lines = await estimate(engine, asked);
      return void process.stdout.write(lines.map((line) => `${harmlessLine(line)}\n`).join(''));
    }
    const endProgress = showProgress(() =>
      engine.spent.received < 1e6
        ? 'pull: the engine counts and chooses'
        : `pull: ${formatCount(engine.spent.received / 1e6)} MB have come`,
    );
    const path = save ?? join(folder, 'pull.gz');
    const pulled = await pullTraces(engine, asked, {
      ...{ logs, most, slow, redact, name, path, folder, say },
      signal: stop.signal,
    }).finally(endProgress);
    const of = pulled.where === undefined ? '' : ` ${pulled.where.replace(/^traces /, '')}`;
    say(`${save ?? name}: ${counted(pulled.pulled, 'trace')} of ${formatCount(pulled.traces)}${of}`);
    const { seconds, rows, received } = engine.spent;
    say(
      `The engine took ${seconds.toFixed(1)} s and read ${counted(rows, 'row')}. ${(received / 1e6).toFixed(1)} MB came.`,
    );
    if (pulled.part !== undefined) say(`It is a part: ${pulled.part}.`);
    if (stopped !== undefined) process.exitCode = 128 + constants.signals[stopped];
    else if (pulled.part !== undefined) process.exitCode = 1;
    for (const signal of SIGNALS) process.off(signal, onSignal);
    if (save === undefined && stopped === undefined)
      await withFiles([path], async ({ url }) => {
        remove();
        const seconds = `start=${Math.floor(pulled.start)}&end=${Math.ceil(pulled.end)}`;
        process.stdout.write(`Traces: ${url}/?${seconds}\n`);
        await new Promise(() => setInterval(() => {}, 2 ** 30)); // until a signal ends it
      });
  } catch (error) {
    if (stopped === undefined) throw error;
    throw new CliError('Stopped. Nothing is written.', {
      exitCode: 128 + constants.signals[stopped],
      cause: error,
    });
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.off('exit', remove);
    remove();
  }
}
