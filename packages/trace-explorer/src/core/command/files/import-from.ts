import { stat } from 'node:fs/promises';
import { TYPED } from '../../call.ts';
import { parseDocuments } from '../../files/foreign/foreign-documents.ts';
import { MAX_FOREIGN_BYTES, NOTHING_IN_IT, TOO_LARGE } from '../../files/foreign/not-read.ts';
import type { Imported } from '../../files/import-traces.ts';
import type { Joined } from '../../files/reading/join-documents.ts';
import { joinDocuments } from '../../files/reading/join-documents.ts';
import { readRegular } from '../../regular-file.ts';
import { documentsOfPage } from '../../saved-trace/saved-trace.ts';
import { harmlessLine } from '../../shared/harmless-text.ts';
import { counted } from '../../shared/words.ts';
import type { ExplorerClient } from '../client/explorer-client.ts';
import { CliError } from '../client/explorer-client.ts';
import { showProgress } from '../terminal/progress.ts';
import { beginOfJson } from './file-form.ts';
import { fileProblem } from './file-problem.ts';
import { isRunFile, withUnpacked } from './run-file.ts';

/** Bytes of a saved page, which is read whole. */
const MAX_PAGE_BYTES = 256 * 1024 * 1024;

/** The source of a request's body. */
type Body = Joined['body'] | string;

/** A request's body, its single documents where it has several, and the share of the file that is done after it. */
interface Part {
  readonly body: Body;
  readonly each?: readonly Buffer[];
  readonly done?: number;
}

interface ImportOptions {
  /** What the file is called; undefined: its path. */
  readonly name?: string | undefined;
  /** Whether pulled traces may come to other traffic. */
  readonly mix?: boolean | undefined;
}

/** Stores the content of a file, also of a compressed one. @returns a line about the stored spans @throws CliError */
export async function importFrom(
  client: ExplorerClient,
  path: string,
  { name = path, mix = false }: ImportOptions = {},
): Promise<string> {
  if (/^https?:/i.test(path))
    throw new CliError(
      `import takes files. Read the address first (curl -o trace.json ADDRESS), then: ${TYPED} import trace.json`,
    );
  const store = (body: Body) => send(client, body, mix);
  if (!(await isRunFile(path))) return importPlain(store, path, name);
  return withUnpacked(path, (unpacked) => importPlain(store, unpacked, name));
}

/** Stores the content of a request's body. */
type Store = (body: Body) => Promise<Imported>;

/** @param name what the file is called, where a temporary file has its content */
async function importPlain(store: Store, path: string, name: string): Promise<string> {
  const first = await importBodies(store, name, fileBodies(path)).catch(async (error: unknown) => {
    // What the explorer does not read may be a form that has advice.
    const other = await importBodies(store, name, answerBodies(path));
    if (other.taken === 0) throw error;
    return other;
  });
  // A file may be the answer of another system.
  const second = first.taken === 0 ? await importBodies(store, name, answerBodies(path)) : first;
  const { taken, words, rejected } = second.taken > 0 ? second : first;
  if (taken === 0 && rejected !== '')
    throw new CliError(harmlessLine(`${name}: nothing of it is stored${rejected}.`));
  if (taken === 0) throw new CliError(`${name}: ${NOTHING_IN_IT}`);
  return harmlessLine(`${name}: ${words}${rejected}`);
}

/** Sends bodies. @returns the numbers of new and of known items, and a sentence with them and the rejected items */
async function importBodies(store: Store, name: string, bodies: AsyncIterable<Part>) {
  let [spans, logs, known, share] = [0, 0, 0, ''];
  const reasons = new Map<string, number>();
  const endProgress = showProgress(
    () => `${harmlessLine(name)}: ${counted(spans + logs + known, 'span')} so far${share}`,
  );
  const words = () =>
    [
      ...(spans > 0 || logs === 0 ? [counted(spans, 'span')] : []),
      ...(logs > 0 ? [counted(logs, 'log record')] : []),
      ...(known > 0 ? [`${known} already stored`] : []),
    ].join(', ');
  const count = (imported: Imported) => {
    spans += imported.spans;
    logs += imported.logs;
    known += imported.known;
    const { rejected, rejected_reason: reason } = imported;
    if (rejected > 0) reasons.set(reason, (reasons.get(reason) ?? 0) + rejected);
  };
  try {
    for await (const { body, each = [], done } of bodies) {
      const asked = store(body).then(count);
      // A damaged document refuses all that are joined with it: alone, the ones before it are stored.
      await (each.length === 0
        ? asked
        : asked.catch(async () => {
            for (const own of each) count(await store(own));
          }));
      share = done === undefined ? '' : `, ${Math.floor(100 * done)} % of the file`;
    }
  } catch (error) {
    const isNamed = error instanceof CliError && error.message.startsWith(name);
    const problem = isNamed ? error : fileProblem(name, error);
    if (spans + logs + known === 0) throw problem;
    const before = `The store has the part before it: ${words()}.`;
    throw new CliError(`${problem.message.replace(/\.?$/u, '.')} ${before}`, { cause: error });
  } finally {
    endProgress();
  }
  const rejected = [...reasons].map(([reason, count]) => `, ${count} rejected (${reason})`);
  return { taken: spans + logs + known, words: words(), rejected: rejected.join('') };
}

async function send(client: ExplorerClient, body: Body, mix: boolean): Promise<Imported> {
  const headers = { 'content-type': 'application/json' };
  const init = {
    method: 'POST',
    headers,
    body: body as NonNullable<RequestInit['body']>,
    duplex: 'half' as const,
  };
  return (await (await client.send(mix ? '/api/import?mix=true' : '/api/import', init)).json()) as Imported;
}

/** The bodies of a file's requests. */
async function* fileBodies(path: string): AsyncGenerator<Part> {
  if (/\.html?$/i.test(path)) {
    for (const body of (await documentsOfPage(await readRegular(path, MAX_PAGE_BYTES))) ?? []) yield { body };
    return;
  }
  const { size } = await stat(path);
  const { start, isOther } = await beginOfJson(path);
  if (isOther) return;
  for await (const { to, ...part } of joinDocuments(path, start))
    yield { ...part, done: to / Math.max(1, size) };
}

/**
 * The bodies of a file in another system's form. None for a file of other content.
 * @throws RangeError for a large list
 */
async function* answerBodies(path: string): AsyncGenerator<{ body: Body }> {
  const { size } = await stat(path);
  if (size > MAX_FOREIGN_BYTES && (await beginOfJson(path)).isList) throw new RangeError(TOO_LARGE);
  if (size > MAX_FOREIGN_BYTES) return;
  for (const body of parseDocuments(await readRegular(path, MAX_FOREIGN_BYTES))) yield { body };
}
