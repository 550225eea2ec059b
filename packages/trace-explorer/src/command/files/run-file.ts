import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import type { Static } from 'typebox';
import type { StoredRun } from '../../report/report.ts';
import { parseJson } from '../../shared/parse-json.ts';
import { searchOf } from '../../shared/search-of.ts';
import type { List } from '../../traces/list/schemas.ts';
import { CliError, ExplorerClient } from '../client/explorer-client.ts';
import { RUN_ID } from '../run/environment.ts';
import type { RunFacts } from '../run/run-facts.ts';
import { fileProblem } from './file-problem.ts';
import { joinDocuments } from './join-documents.ts';
import { removeAfter, writeWhole } from './whole-file.ts';

/** Traces that one request reads. */
const PAGE_TRACES = 200;

/**
 * Writes a run as one compressed file of OTLP JSON, a document per line. The first document has no spans: its resource says what
 * the run was.
 * @returns how many traces the file has
 * @throws CliError for a file that cannot be written
 */
export async function saveRun(client: ExplorerClient, path: string, facts: RunFacts): Promise<number> {
  let traces = 0;
  async function* lines(): AsyncGenerator<string | Uint8Array> {
    const ids = await traceIds(client, String(facts[RUN_ID]));
    traces = ids.length;
    const attributes = Object.entries({ ...facts, 'tandem.run.traces': traces }).map(([key, value]) => ({
      key,
      value: typeof value === 'number' ? { intValue: String(value) } : { stringValue: value },
    }));
    yield `${JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans: [] }] })}\n`;
    for (let at = 0; at < ids.length; at += PAGE_TRACES) {
      const query = searchOf({ trace_id: ids.slice(at, at + PAGE_TRACES) });
      yield* (await client.send(`/api/export?${query}`)).body ?? [];
    }
  }
  try {
    await writeWhole(path, (part) => pipeline(Readable.from(lines()), createGzip(), createWriteStream(part)));
  } catch (error) {
    throw error instanceof CliError ? error : fileProblem(path, error, 'written');
  }
  return traces;
}

async function traceIds(client: ExplorerClient, run: string): Promise<string[]> {
  const ids: string[] = [];
  const { runs } = await client.ask<{ runs: readonly StoredRun[] }>('/api/runs');
  if (!runs.some(({ id }) => id === run)) return ids; // no span has a field of runs
  let cursor: string | undefined;
  do {
    const query = searchOf({ field: `${RUN_ID}=${run}`, limit: PAGE_TRACES, cursor });
    const page = await client.ask<Static<typeof List>>(`/api/traces?${query}`);
    ids.push(...page.traces.map(({ trace_id }) => trace_id));
    cursor = page.next;
  } while (cursor !== undefined);
  return ids;
}

/** Whether a file is compressed with gzip, as `run --save` writes it. False for a name that no file has. */
export async function isRunFile(path: string): Promise<boolean> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(2), position: 0 });
      return bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b;
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}

/** Works with the content of a compressed file, in a file of its own. @throws CliError where the file is damaged */
export async function withUnpacked(path: string, work: (unpacked: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'trace-explorer-file-'));
  await removeAfter(folder, async () => {
    const unpacked = join(folder, 'run.jsonl');
    await pipeline(createReadStream(path), createGunzip(), createWriteStream(unpacked)).catch(
      (error: unknown) => {
        throw fileProblem(path, error);
      },
    );
    await work(unpacked);
  });
}

/** Runs in an explorer of their own, which ends with the command. */
export interface OpenedRuns {
  readonly client: ExplorerClient;
  /** In the order of the files. */
  readonly runs: readonly RunFacts[];
  stop(): Promise<void>;
}

/** Reads files of runs into an explorer on a free port, with data in a temporary folder. @throws CliError naming the file */
export async function openRuns(paths: readonly string[]): Promise<OpenedRuns> {
  // Loaded here: a command that asks a running explorer needs nothing of an explorer.
  const { createLogger } = await import('@tandem/service-kit/http');
  const { startExplorer } = await import('../../start-explorer.ts');
  const { configOf } = await import('../serve/config-of.ts');
  const folder = await mkdtemp(join(tmpdir(), 'trace-explorer-runs-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const flags = { port: '0', 'otlp-port': '0', 'grpc-port': 'off', 'data-dir': folder };
    const config = configOf(flags, { EXPLORER_MAX_AGE: KEPT });
    const { port, stop } = await startExplorer(config, createLogger(config.logLevel));
    const client = new ExplorerClient(`http://localhost:${port}`);
    const stopAll = () => stop().finally(remove);
    try {
      const runs: RunFacts[] = [];
      for (const path of paths) runs.push(await readInto(client, path));
      return { client, runs, stop: stopAll };
    } catch (error) {
      await stopAll();
      throw error;
    }
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A run that was saved long ago is read, too. */
const KEPT = '3650d';

async function readInto(client: ExplorerClient, path: string): Promise<RunFacts> {
  let facts: RunFacts = {};
  await withUnpacked(path, async (unpacked) => {
    facts = await readFacts(path, unpacked);
    if (facts['tandem.run.traces'] === '0') throw new CliError(`${path}: the run has no traces.`);
    for await (const { body } of joinDocuments(unpacked, 0))
      await client.send('/api/import', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: body as NonNullable<RequestInit['body']>,
        duplex: 'half',
      });
  });
  return facts;
}

/** What the first line says of the run. @throws CliError for a file of something else */
async function readFacts(path: string, unpacked: string): Promise<RunFacts> {
  for await (const line of createInterface({ input: createReadStream(unpacked) })) {
    const facts = attributesOf(line);
    if (facts[RUN_ID] !== undefined) return facts;
    break;
  }
  throw new CliError(
    `${path} is not a run: its first line does not say what was run. run --save writes such a file.`,
  );
}

interface FirstLine {
  readonly resourceSpans?: readonly {
    readonly resource?: {
      readonly attributes?: readonly {
        readonly key: string;
        readonly value: { readonly stringValue?: string; readonly intValue?: string };
      }[];
    };
  }[];
}

function attributesOf(line: string): RunFacts {
  try {
    const [first] = (parseJson(line) as FirstLine).resourceSpans ?? [];
    const entries = first?.resource?.attributes?.map(({ key, value }) => [
      key,
      value.stringValue ?? value.intValue,
    ]);
    return Object.fromEntries(entries ?? []);
  } catch {
    return {};
  }
}
