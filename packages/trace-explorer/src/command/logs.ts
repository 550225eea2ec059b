import { setTimeout as sleep } from 'node:timers/promises';
import type { LogEntry } from '../logs/schemas.ts';
import { harmlessJson } from '../shared/harmless-text.ts';
import { LEVEL_NAMES } from '../shared/log-levels.ts';
import { searchOf } from '../shared/search-of.ts';
import { readRequest } from './arguments.ts';
import type { ExplorerClient } from './client/explorer-client.ts';
import { CALL, CliError, DEFAULT_URL } from './client/explorer-client.ts';
import { findTraceId, isWholeId } from './client/trace-id.ts';
import { chooseColours } from './terminal/colours.ts';
import { lineWriter } from './terminal/log-writer.ts';

const USAGE = `Shows log lines of all services in the terminal.

  ${CALL} logs                    the newest 100, the oldest of them first
  ${CALL} logs -n 1000            the newest 1000
  ${CALL} logs -f                 and new lines as they come, until Ctrl+C
  ${CALL} logs --service NAME     of one service
  ${CALL} logs --level LEVEL      of this level and above: ${LEVEL_NAMES.join(', ')}
  ${CALL} logs --grep TEXT        with this text, upper or lower case
  ${CALL} logs --field name=value with this value of a field; may be repeated
  ${CALL} logs --field name       with any value of it
  ${CALL} logs --trace ID         of one trace
  ${CALL} logs --json             a line of JSON each
  ${CALL} logs --url URL          where the explorer is (default: ${DEFAULT_URL})
`;

const DEFAULT_LINES = 100;
const MAX_LINES = 1_000_000;
/** Milliseconds between attempts to reach an explorer that has ended. */
const RETRY_MS = 1000;

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

type Values = ReturnType<typeof readRequest<typeof OPTIONS>>['values'];

/** `logs`. @throws CliError */
export async function logsCommand(args: readonly string[]): Promise<void> {
  const { values, client } = readRequest(args, USAGE, OPTIONS);
  const filter = filterOf(values);
  const write = values.json
    ? (logs: readonly LogEntry[]) => logs.map((entry) => `${harmlessJson(entry, 0)}\n`).join('')
    : lineWriter(chooseColours(process.stdout.isTTY ? process.stdout.getColorDepth() : 1));
  const lines = wholeNumber(values.lines);
  if (values.follow) await follow(client, filter, lines, write);
  else {
    const { logs } = await client.logs(filter, lines);
    if (logs.length === 0) process.stderr.write('No log lines.\n');
    process.stdout.write(write(logs.toReversed()));
  }
}

/** Writes the newest lines, then new lines as they come. After the end of the explorer, waits for its return. */
async function follow(
  client: ExplorerClient,
  filter: URLSearchParams,
  lines: number,
  write: (logs: readonly LogEntry[]) => string,
): Promise<never> {
  let after: string | undefined;
  let isAway = false;
  // The tail begins before the earlier lines are read. So some lines are in both answers.
  let known: ReadonlySet<string> = new Set();
  for (;;) {
    try {
      for await (const { id, logs, more } of client.tail(filter, after)) {
        if (isAway) process.stderr.write('The explorer is there again.\n');
        isAway = false;
        if (after === undefined && lines > 0) {
          const { logs: newest } = await client.logs(filter, lines);
          known = new Set(newest.map((entry) => entry.id));
          process.stdout.write(write(newest.toReversed()));
        }
        after = id;
        if (more > 0) {
          const skipped = `${more.toLocaleString('en-US')} ${more === 1 ? 'line' : 'lines'}`;
          process.stderr.write(`… ${skipped} skipped, narrow the filter.\n`);
        }
        process.stdout.write(write(logs.filter((entry) => !known.has(entry.id))));
      }
    } catch (error) {
      // Waiting does not mend an error of the first request.
      if (after === undefined) throw error;
    }
    if (!isAway) process.stderr.write('The explorer has gone away; waiting for it …\n');
    isAway = true;
    await sleep(RETRY_MS);
  }
}

/** The conditions as the explorer takes them. @throws CliError */
function filterOf(values: Values): URLSearchParams {
  const { service, level: named, grep: text, field, trace } = values;
  if (text === '') throw new CliError('--grep takes a text; without it all lines are shown.');
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

function wholeNumber(given: string | undefined): number {
  if (given === undefined) return DEFAULT_LINES;
  if (/^\d{1,7}$/.test(given) && Number(given) <= MAX_LINES) return Number(given);
  throw new CliError(
    `--lines takes a whole number from 0 to ${MAX_LINES.toLocaleString('en-US')}, not ${JSON.stringify(given)}.`,
  );
}
