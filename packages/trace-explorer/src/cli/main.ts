import { parseArgs } from 'node:util';
import { chooseColours } from './colours.ts';
import { deleteCommand } from './delete.ts';
import { CALL, CliError, ExplorerClient } from './explorer-client.ts';
import { renderTrace } from './render-trace.ts';
import { harmlessJson } from './terminal-text.ts';
import { findTraceId } from './trace-id.ts';

const USAGE = `Shows a trace as a waterfall in the terminal.

  ${CALL} trace              the newest trace
  ${CALL} trace ID           the trace with this id, or the only one whose id begins with it;
                             or a traceparent or traceresponse header, or a link to a trace
  ${CALL} trace --json       the trace as JSON
  ${CALL} trace --all        every span of a large trace
  ${CALL} trace delete …     deletes traces; ${CALL} trace delete --help says more
  ${CALL} trace --url URL    where the explorer is (default: FRONTEND_URL, else http://localhost:3000)
`;

/** Rows that are shown of a large trace, unless all are asked for. */
const MAX_ROWS = 500;

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // The reader, `head` for one, has seen enough.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CliError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}

async function run(args: readonly string[]): Promise<void> {
  const command = args.indexOf('delete');
  if (command >= 0) return deleteCommand(args.toSpliced(command, 1));
  const { values, positionals } = readArguments(args);
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  const client = new ExplorerClient(
    values.url ?? (process.env.FRONTEND_URL || 'http://localhost:3000'),
    process.env.EXPLORER_TOKEN || undefined,
  );
  const traceId = await client.findTrace(positionals.length === 0 ? undefined : positionals.join(' '));
  if (values.json) {
    process.stdout.write(`${harmlessJson(await client.trace(traceId, Number.POSITIVE_INFINITY))}\n`);
    return;
  }
  const trace = await client.trace(traceId, values.all ? Number.POSITIVE_INFINITY : MAX_ROWS);
  const { stdout } = process;
  const text = renderTrace(trace, {
    width: stdout.columns ?? (Number(process.env.COLUMNS) || 100),
    colours: chooseColours(stdout.isTTY ? stdout.getColorDepth() : 1),
    link: client.linkTo(traceId),
  });
  stdout.write(text);
}

function readArguments(args: readonly string[]) {
  try {
    const options = {
      all: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
      json: { type: 'boolean' },
      url: { type: 'string' },
    } as const;
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true });
    // `traceresponse: 00-…` without quotes is two words.
    if (parsed.positionals.length > 1 && findTraceId(parsed.positionals.join(' ')) === undefined)
      throw new Error('Only one trace id can be given.');
    return parsed;
  } catch (error) {
    throw new CliError(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
  }
}
