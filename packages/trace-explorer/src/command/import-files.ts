import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { documentPlaces } from '../shared/document-places.ts';
import type { Imported } from '../traces/forms/import-traces.ts';
import { readArguments } from './arguments.ts';
import type { ExplorerClient } from './explorer-client.ts';
import { CALL, CliError } from './explorer-client.ts';
import { fileProblem, requireContent } from './file-problem.ts';
import { EXPLORER_OPTIONS, withExplorer } from './with-explorer.ts';

const USAGE = `Stores traces and log records from files: OTLP JSON, as a document, or with one document per line as \`export\` and a collector's
file exporter write it. What is stored already is left out.

  ${CALL} import FILE…
  --url URL           a running explorer (where none runs, the data folder is written itself)
  --data-dir FOLDER   writes this data folder; no explorer may run on it
`;

/** How much of a file is looked at to see whether anything is in it, in bytes. */
const LOOKED_AT_BYTES = 64 * 1024;

/** `import FILE…`. @throws CliError naming the file that cannot be read or has nothing of OTLP JSON in it */
export async function importCommand(args: readonly string[]): Promise<void> {
  const parsed = readArguments(args, USAGE, EXPLORER_OPTIONS);
  if (parsed === undefined) return;
  const { values, positionals } = parsed;
  if (positionals.length === 0) throw new CliError(`Name the files to import.\n\n${USAGE}`);
  await withExplorer(values, async (client) => {
    for (const path of positionals) await importFile(client, path);
  });
}

async function importFile(client: ExplorerClient, path: string): Promise<void> {
  let [documents, spans, logs, known] = [0, 0, 0, 0];
  const reasons = new Map<string, number>();
  try {
    for await (const body of documentsOf(path)) {
      const imported = await send(client, body);
      documents += 1;
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
  if (documents > 0 && spans + logs + known + reasons.size === 0)
    throw new CliError(
      `${path}: no spans or log records are in it. OTLP JSON has resourceSpans or resourceLogs; other formats, such as Jaeger's, are not read.`,
    );
  const rejected = [...reasons].map(([reason, count]) => `, ${count} rejected (${reason})`).join('');
  const what = [
    ...(spans > 0 || logs === 0 ? [`${spans} span${spans === 1 ? '' : 's'}`] : []),
    ...(logs > 0 ? [`${logs} log record${logs === 1 ? '' : 's'}`] : []),
    ...(known > 0 ? [`${known} already stored`] : []),
  ];
  process.stdout.write(`${path}: ${what.join(', ')}${rejected}\n`);
}

async function send(client: ExplorerClient, body: ReadableStream): Promise<Imported> {
  const headers = { 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body, duplex: 'half' as const };
  return (await (await client.send('/api/import', init)).json()) as Imported;
}

/** A file's documents, each of which is streamed. @throws Error for `fileProblem` when there is nothing in it */
async function* documentsOf(path: string): AsyncGenerator<ReadableStream> {
  await requireBeginning(path);
  for await (const { from, to } of documentPlaces(createReadStream(path)))
    yield Readable.toWeb(createReadStream(path, { start: from, end: to - 1 })) as ReadableStream;
}

async function requireBeginning(path: string): Promise<void> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(LOOKED_AT_BYTES) });
    requireContent(path, buffer.toString('utf8', 0, bytesRead));
  } finally {
    await file.close();
  }
}
