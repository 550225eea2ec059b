import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { documentsOfPage } from '../../saved-trace/saved-trace.ts';
import { documentPlaces } from '../../shared/document-places.ts';
import { harmlessLine } from '../../shared/harmless-text.ts';
import { counted } from '../../traces/findings/words.ts';
import type { Imported } from '../../traces/forms/import-traces.ts';
import { readArguments } from '../arguments.ts';
import type { ExplorerClient } from '../client/explorer-client.ts';
import { CALL, CliError, DEFAULT_URL, explorerAt } from '../client/explorer-client.ts';
import { fileProblem } from './file-problem.ts';

const USAGE = `Stores traces and log records from files: OTLP JSON, as a document, or with one document per line as \`export\` and a collector's
file exporter write it; or a saved page of a trace. What is stored already is left out.

  ${CALL} import FILE…
  --url URL           where the explorer is (default: ${DEFAULT_URL})
`;

/** `import FILE…`. @throws CliError naming the file that cannot be read or has nothing of OTLP JSON in it */
export async function importCommand(args: readonly string[]): Promise<void> {
  const parsed = readArguments(args, USAGE, { url: { type: 'string' } });
  if (parsed === undefined) return;
  const { values, positionals } = parsed;
  if (positionals.length === 0) throw new CliError(`Name the files to import.\n\n${USAGE}`);
  const client = explorerAt(values.url);
  for (const path of positionals) await importFile(client, path);
}

async function importFile(client: ExplorerClient, path: string): Promise<void> {
  let [spans, logs, known] = [0, 0, 0];
  const reasons = new Map<string, number>();
  try {
    for await (const body of documentsOf(path)) {
      const imported = await send(client, body);
      spans += imported.spans;
      logs += imported.logs;
      known += imported.known;
      if (imported.rejected > 0)
        reasons.set(
          imported.rejected_reason,
          (reasons.get(imported.rejected_reason) ?? 0) + imported.rejected,
        );
    }
  } catch (error) {
    throw fileProblem(path, error);
  }
  if (spans + logs + known + reasons.size === 0)
    throw new CliError(
      `${path}: no spans or log records are in it. OTLP JSON has resourceSpans or resourceLogs; other formats, such as Jaeger's, are not read.`,
    );
  const rejected = [...reasons].map(([reason, count]) => `, ${count} rejected (${reason})`).join('');
  const what = [
    ...(spans > 0 || logs === 0 ? [counted(spans, 'span')] : []),
    ...(logs > 0 ? [counted(logs, 'log record')] : []),
    ...(known > 0 ? [`${known} already stored`] : []),
  ];
  process.stdout.write(`${harmlessLine(`${path}: ${what.join(', ')}${rejected}`)}\n`);
}

async function send(client: ExplorerClient, body: ReadableStream): Promise<Imported> {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body, duplex: 'half' as const };
  return (await (await client.send('/api/import', init)).json()) as Imported;
}

/** A file's documents, each of which is streamed; those of a saved page are read whole. */
async function* documentsOf(path: string): AsyncGenerator<ReadableStream> {
  if (/\.html?$/i.test(path)) return yield* pageDocuments(path);
  for await (const { from, to } of documentPlaces(createReadStream(path)))
    if (to > from)
      yield Readable.toWeb(createReadStream(path, { start: from, end: to - 1 })) as ReadableStream;
}

async function* pageDocuments(path: string): AsyncGenerator<ReadableStream> {
  const documents = await documentsOfPage(await readFile(path, 'utf8'));
  for (const document of documents ?? []) yield new Blob([document]).stream() as ReadableStream;
}
