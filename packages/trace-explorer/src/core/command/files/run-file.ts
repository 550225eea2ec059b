import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import { constants, createGunzip, createGzip, gunzipSync } from 'node:zlib';
import { harmlessLine } from '../../../lib/text/harmless-text.ts';
import { parseJson } from '../../../lib/text/parse-json.ts';
import { searchOf } from '../../../lib/text/search-of.ts';
import { keyValue } from '../../files/foreign/otlp-json.ts';
import { MAX_UNPACKED_BYTES } from '../../files/reading/import-blob.ts';
import type { RunFacts } from '../../runs/run-fields.ts';
import { EXIT_CODE, PROCESSOR_TIME, RUN_ID, RUN_PLACE } from '../../runs/run-fields.ts';
import type { Run } from '../../runs/schemas.ts';
import type { ExplorerClient } from '../client/explorer-client.ts';
import { CliError } from '../client/explorer-client.ts';
import { beginOfFile } from './begin-of-file.ts';
import { fileProblem } from './file-problem.ts';
import { temporaryFolder, tmpdirProblem } from './temporary-folder.ts';
import { tracePages } from './trace-pages.ts';
import { removeAfter, writeWhole } from './whole-file.ts';

/** Bytes of a file in which the first document lies. */
const FACTS_BYTES = 65_536;

/**
 * Writes a run as one compressed file of OTLP JSON, a document per line.
 * @param redact names of attributes, whose values the file lacks
 * @returns how many traces the file has
 * @throws CliError for a file that cannot be written
 */
export async function saveRun(
  client: ExplorerClient,
  path: string,
  facts: RunFacts,
  redact: readonly string[] = [],
): Promise<number> {
  let traces = 0;
  async function* lines(): AsyncGenerator<string | Uint8Array> {
    const { runs } = await client.ask<{ runs: readonly Run[] }>('/api/runs');
    const run = runs.find(({ id }) => id === facts[RUN_ID]);
    const pages: string[][] = [];
    if (run !== undefined)
      for await (const page of tracePages(client, `${RUN_ID}=${run.id}`)) pages.push(page);
    traces = pages.flat().length;
    yield factsDocument({ ...facts, 'tandem.run.traces': traces, 'tandem.run.tests': run?.tests ?? 0 });
    for (const page of pages)
      yield* linesOf(await client.send(`/api/export?${searchOf({ trace_id: page })}`), redact);
    if (run === undefined) return;
    for await (const line of linesOf(await client.send('/api/logs/export'), redact))
      yield logsOf(line, run.id);
  }
  await writeRun(path, lines());
  return traces;
}

/** The first document of a run. It has no spans: its resource says what the run was. */
export function factsDocument(facts: RunFacts): string {
  const attributes = Object.entries(facts).map(([key, value]) => keyValue(key, value));
  return `${JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans: [] }] })}\n`;
}

/** Writes the documents of a run, compressed. @throws CliError for a file that cannot be written */
export async function writeRun(path: string, documents: AsyncIterable<string | Uint8Array>): Promise<void> {
  try {
    await writeWhole(path, (part) =>
      pipeline(Readable.from(documents), createGzip(), createWriteStream(part)),
    );
  } catch (error) {
    throw error instanceof CliError ? error : fileProblem(path, error, 'written');
  }
}

/** The documents of an answer, a line each. */
async function* linesOf({ body }: Response, redact: readonly string[]): AsyncGenerator<string> {
  if (body === null) return;
  // Loaded late: most commands that know run files redact nothing.
  const { redactDocument } = await import('../../redaction/redact-document.ts');
  for await (const line of createInterface({ input: Readable.fromWeb(body as ReadableStream) }))
    if (line !== '') yield `${redact.length === 0 ? line : await redactDocument(line, redact)}\n`;
}

/** The log records of a run that belong to no trace. */
function logsOf(line: string, run: string): string {
  if (!line.includes(run)) return '';
  const { resourceLogs = [] } = parseJson(line) as { resourceLogs?: readonly object[] };
  return `${JSON.stringify({ resourceLogs: resourceLogs.filter((each) => JSON.stringify(each).includes(run)) })}\n`;
}

/** Whether a file is compressed with gzip, as `run --save` writes it. False for a name that no file has. */
export async function isRunFile(path: string): Promise<boolean> {
  const start = await beginOfFile(path, 2).catch(() => undefined);
  return start?.byteLength === 2 && start.readUInt16BE() === 0x1f8b;
}

/**
 * Works with the content of a compressed file, in a file of its own.
 * @throws CliError where the file is damaged, or has more than `most` bytes
 */
export async function withUnpacked<T>(
  path: string,
  work: (unpacked: string) => Promise<T>,
  most = MAX_UNPACKED_BYTES,
): Promise<T> {
  const folder = temporaryFolder('trace-explorer-file-');
  return removeAfter(folder, async () => {
    const unpacked = join(folder, 'run.jsonl');
    async function* bounded(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      let bytes = 0;
      for await (const chunk of chunks) {
        bytes += chunk.byteLength;
        if (bytes > most)
          throw new RangeError(`unpacked, it has more than ${most / 2 ** 20} MiB. Divide it.`);
        yield chunk;
      }
    }
    const to = createWriteStream(unpacked);
    await pipeline(createReadStream(path), createGunzip(), bounded, to).catch((error: unknown) => {
      throw Object(error).syscall === 'write' ? tmpdirProblem(error) : fileProblem(path, error);
    });
    return work(unpacked);
  });
}

/**
 * Asks an explorer of its own about the content of files.
 * @param name what the progress calls a temporary file
 * @throws CliError for a file that cannot be read
 */
export type WithFiles = <T>(
  paths: readonly string[],
  ask: (client: ExplorerClient) => Promise<T>,
  name?: string,
) => Promise<T>;

/**
 * Asks about runs: files of `run --save` are read into an explorer of their own, others are in the explorer that runs.
 * @param runs ids or names, or files, for which `ask` gets their ids and what else they tell of their runs
 * @throws CliError for a damaged file, and where only one of two runs is a file
 */
export async function askAbout<T>(
  withFiles: WithFiles,
  client: ExplorerClient,
  runs: readonly (string | undefined)[],
  ask: (
    client: ExplorerClient,
    runs: readonly (string | undefined)[],
    kept: readonly KeptRun[],
  ) => Promise<T>,
): Promise<T> {
  const named = runs.filter((each) => each !== undefined);
  const areFiles = await Promise.all(named.map(isRunFile));
  for (const [at, each] of named.entries())
    if (!areFiles[at] && (await stat(each).catch(() => undefined))?.isFile())
      throw new CliError(
        `${harmlessLine(each)} is a file, but none of run --save. Name such a file, or a run.`,
      );
  if (!areFiles.includes(true)) return ask(client, runs, []);
  const stored = named[areFiles.indexOf(false)];
  if (stored !== undefined || runs[0] === undefined)
    throw new CliError(
      `${stored ?? 'The newest run'} is not a file of run --save. Name two files, or two stored runs.`,
    );
  const kept = await Promise.all(named.map(keptRun));
  const ids = kept.map(({ id }) => id);
  return withFiles(named, (own) => ask(own, ids, kept));
}

/** What a file tells of its run. */
export interface KeptRun {
  readonly id: string;
  readonly processorMs?: number;
  readonly exitCode?: number;
  /** Where its folder is in its repository. */
  readonly place?: string;
}

/** The run in a file, by its first line. @throws CliError for a file of something else, and a run without traces */
async function keptRun(path: string): Promise<KeptRun> {
  const facts = attributesOf(await unpackedBegin(path));
  const id = facts.get(RUN_ID);
  if (id === undefined)
    throw new CliError(
      `${path} is not a run: its first line does not say what was run. run --save writes such a file.`,
    );
  if (facts.get('tandem.run.traces') === '0') throw new CliError(`${path}: the run has no traces.`);
  const processorMs = facts.get(PROCESSOR_TIME);
  const place = facts.get(RUN_PLACE);
  const exitCode = facts.get(EXIT_CODE);
  return {
    id,
    ...(processorMs !== undefined && { processorMs: Number(processorMs) }),
    ...(exitCode !== undefined && { exitCode: Number(exitCode) }),
    ...(place !== undefined && { place }),
  };
}

/** The beginning of a compressed file, unpacked. @throws CliError where the file is damaged */
async function unpackedBegin(path: string): Promise<string> {
  const begin = await beginOfFile(path, FACTS_BYTES);
  try {
    return gunzipSync(begin, { finishFlush: constants.Z_SYNC_FLUSH }).toString();
  } catch (error) {
    throw fileProblem(path, error);
  }
}

/** The attributes that the first document's first resource has. */
function attributesOf(text: string): ReadonlyMap<string, string | undefined> {
  type Attribute = { key: string; value: { stringValue?: string; intValue?: string } };
  type Document = { resourceSpans: [{ resource: { attributes: Attribute[] } }] };
  try {
    const { resourceSpans } = parseJson(text.slice(0, text.indexOf('\n'))) as Document;
    const { attributes } = resourceSpans[0].resource;
    return new Map(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
  } catch {
    return new Map(); // another file
  }
}
