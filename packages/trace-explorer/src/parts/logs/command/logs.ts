import { readNumber, readRequest } from '../../../core/command/arguments.ts';
import type { ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { CALL, CliError, DEFAULT_URL } from '../../../core/command/client/explorer-client.ts';
import { findTraceId, isWholeId } from '../../../core/command/client/wanted-trace-id.ts';
import { chooseColours } from '../../../core/command/terminal/colours.ts';
import type { LogEntry } from '../../../core/logs/schemas.ts';
import { harmlessJson } from '../../../lib/text/harmless-text.ts';
import { LEVEL_NAMES } from '../../../lib/text/log-levels.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import { counted } from '../../../lib/text/words.ts';
import { lineWriter } from './log-writer.ts';

const USAGE = `Shows log lines of all services in the terminal.

  ${CALL} logs                    the newest 100, the oldest of them first
  ${CALL} logs -n 1000            the newest 1000
  ${CALL} logs -f                 and new lines as they come, until Ctrl+C or the explorer's end
  ${CALL} logs --service NAME     of one service
  ${CALL} logs --level LEVEL      of this level and above: ${LEVEL_NAMES.join(', ')}
  ${CALL} logs --grep TEXT        with this text, upper or lower case
  ${CALL} logs --field name=value with this value of a field; may be repeated
  ${CALL} logs --field name       with any value of it
  ${CALL} logs --trace ID         of one trace
  ${CALL} logs --json             a line of JSON each
  ${CALL} logs --url URL          where the explorer is (default: ${DEFAULT_URL})
`;

const DEFAULT_LINES = '100';
const MAX_LINES = 1_000_000;

const text = { type: 'string' } as const;
const OPTIONS = {
  field: { type: 'string', multiple: true },
  follow: { type: 'boolean', short: 'f' },
  grep: text,
  json: { type: 'boolean' },
  level: text,
  lines: { type: 'string', short: 'n' },
  service: text,
  trace: text,
} as const;

type Values = Awaited<ReturnType<typeof readRequest<typeof OPTIONS>>>['values'];

/** `logs`. @throws CliError */
export async function logsCommand(args: readonly string[]): Promise<void> {
  const { values, client } = await readRequest(args, USAGE, OPTIONS, {
    meant: ['--grep', '--service', '--trace'],
  });
  const filter = filterOf(values);
  const write = values.json
    ? (logs: readonly LogEntry[]) => logs.map((entry) => `${harmlessJson(entry, 0)}\n`).join('')
    : lineWriter(chooseColours());
  const lines = Math.floor(readNumber('--lines', values.lines ?? DEFAULT_LINES, MAX_LINES));
  if (values.follow) await follow(client, filter, lines, write);
  else {
    const { logs } = await client.logs(filter, lines);
    if (logs.length === 0) process.stderr.write('No log lines.\n');
    process.stdout.write(write(logs.toReversed()));
  }
}

/** Writes the newest lines, then new lines as they come, until the explorer ends. @throws CliError when it goes away */
async function follow(
  client: ExplorerClient,
  filter: URLSearchParams,
  lines: number,
  write: (logs: readonly LogEntry[]) => string,
): Promise<void> {
  // The tail begins before the earlier lines are read. So some lines are in both answers.
  let known: ReadonlySet<string> | undefined;
  for await (const { logs, more } of client.tail(filter)) {
    if (known === undefined) {
      const { logs: newest } = await client.logs(filter, lines);
      known = new Set(newest.map(({ id }) => id));
      process.stdout.write(write(newest.toReversed()));
    }
    if (more > 0) process.stderr.write(`… ${counted(more, 'line')} skipped, narrow the filter.\n`);
    const isNew = ({ id }: LogEntry) => known?.has(id) === false;
    process.stdout.write(write(logs.filter(isNew)));
  }
  process.stderr.write('The explorer has ended.\n');
}

/** The conditions as the explorer takes them. @throws CliError */
function filterOf(values: Values): URLSearchParams {
  const { service, level: named, grep: text, field, trace } = values;
  if (text === '') throw new CliError('--grep takes a text; leave it out for all lines.');
  const level = LEVEL_NAMES.find((name) => name === named?.toLowerCase());
  if (named !== undefined && level === undefined)
    throw new CliError(`--level takes ${LEVEL_NAMES.join(', ')}, not ${JSON.stringify(named)}.`);
  const trace_id = trace && findTraceId(trace);
  if (trace !== undefined && !isWholeId(trace_id))
    throw new CliError(
      `--trace takes the 32 digits of a trace's id, or the 16 of one of 64 bits, not ${JSON.stringify(trace)}.`,
    );
  return searchOf({ field, service, text, level, trace_id });
}
