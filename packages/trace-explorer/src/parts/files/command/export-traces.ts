import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ANY_WORDS, readRequest } from '../../../core/command/arguments.ts';
import type { ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { CALL, CliError, DEFAULT_URL } from '../../../core/command/client/explorer-client.ts';
import { fileProblem } from '../../../core/command/files/file-problem.ts';
import { tracePages } from '../../../core/command/files/trace-pages.ts';
import { writeWhole } from '../../../core/command/files/whole-file.ts';
import { showProgress } from '../../../core/command/terminal/progress.ts';
import { escapeUnseen } from '../../../lib/text/harmless-text.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import { counted } from '../../../lib/text/words.ts';

const USAGE = `Writes traces with their log records as OTLP JSON, each as its service sent it: one trace per line, a large one
on several, which \`import\` and other programs read.

  ${CALL} export [ID…]                all traces without an id, newest first, then the other log records
  ${CALL} export FILE.parquet [ID…]   as a table: a row per span, event, link and log record, a column per field
  --out FILE          instead of standard output
  --url URL           where the explorer is (default: ${DEFAULT_URL})
`;

/** `export [ID…]`. @throws CliError for an id without a trace, and for a file that the disk refuses */
export async function exportCommand(args: readonly string[]): Promise<void> {
  const { values, positionals, client } = await readRequest(
    args,
    USAGE,
    { out: { type: 'string' } },
    ANY_WORDS,
  );
  const table = positionals.find((each) => each.endsWith('.parquet'));
  const ids = positionals.filter((each) => each !== table);
  const wrong = ids.find((id) => !/^[0-9a-f]{32}$/i.test(id));
  if (wrong !== undefined)
    throw new CliError(
      `${JSON.stringify(wrong)} is not a trace id: expected 32 hexadecimal digits.\n\n${USAGE}`,
    );
  const path = table ?? values.out;
  let traces = 0;
  const endProgress = showProgress(() => `${path ?? 'export'}: ${counted(traces, 'trace')} so far`);
  try {
    const lines = Readable.from(exported(client, ids, () => traces++));
    if (path === undefined) await pipeline(lines, escapedLines, process.stdout, { end: false });
    else await writeWhole(path, (part) => (path.endsWith('.parquet') ? writeTable : writeLines)(part, lines));
  } catch (error) {
    throw error instanceof CliError || path === undefined ? error : fileProblem(path, error, 'written');
  } finally {
    endProgress();
  }
  if (path !== undefined) process.stdout.write(`${path}: ${counted(traces, 'trace')}\n`);
}

async function writeTable(path: string, lines: Readable): Promise<void> {
  // Loaded here: it brings DuckDB.
  const { writeParquet } = await import('./write-parquet.ts');
  await writeParquet(path, lines);
}

async function writeLines(path: string, lines: Readable): Promise<void> {
  await pipeline(lines, createWriteStream(path));
}

/** The same JSON with escaped control characters: a terminal would execute or hide them. */
async function* escapedLines(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const chunk of chunks)
    yield escapeUnseen(typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }));
}

/** The traces with these ids, or all traces and the other log records, as bytes. @throws CliError */
async function* exported(
  client: ExplorerClient,
  ids: readonly string[],
  onTrace: () => void,
): AsyncGenerator<Uint8Array | string> {
  for (const id of ids) {
    yield* bodyOf(await client.send(`/api/export?trace_id=${id}`));
    onTrace();
  }
  if (ids.length > 0) return;
  for await (const page of tracePages(client)) {
    yield* bodyOf(await client.send(`/api/export?${searchOf({ trace_id: page })}`));
    for (const _ of page) onTrace();
  }
  yield* bodyOf(await client.send('/api/logs/export'));
}

/** @throws CliError when the answer ends early */
async function* bodyOf({ url, body }: Response): AsyncGenerator<Uint8Array> {
  try {
    yield* body ?? [];
  } catch (error) {
    throw new CliError(`${url}: the answer ended early. Export again.`, { cause: error });
  }
}
