import { openAsBlob } from 'node:fs';
import { openRegular } from '../../../lib/node/regular-file.ts';
import { harmlessLine } from '../../../lib/text/harmless-text.ts';
import { counted } from '../../../lib/text/words.ts';
import { TYPED } from '../../call.ts';
import type { Imported } from '../../files/import-traces.ts';
import type { Stored } from '../../files/reading/import-blob.ts';
import { importBlob, isNothing, PartError } from '../../files/reading/import-blob.ts';
import type { ExplorerClient } from '../client/explorer-client.ts';
import { CliError } from '../client/explorer-client.ts';
import { showProgress } from '../terminal/progress.ts';
import { fileProblem } from './file-problem.ts';
import { withUnpacked } from './run-file.ts';

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
  let progress = '0 spans so far';
  const endProgress = showProgress(() => `${harmlessLine(name)}: ${progress}`);
  const stored = await openBlob(path)
    .then((file) =>
      importBlob(file, {
        name: path,
        store: (body) => send(client, body, mix),
        unpack: (_, work) => withUnpacked(path, async (unpacked) => work(await openBlob(unpacked))),
        onProgress({ spans, logs, known }, share) {
          const done = share === undefined ? '' : `, ${Math.floor(100 * share)} % of the file`;
          progress = `${counted(spans + logs + known, 'span')} so far${done}`;
        },
      }),
    )
    .catch((error: unknown) => {
      throw importProblem(name, error);
    })
    .finally(endProgress);
  const rejected = [...stored.rejected].map(([reason, count]) => `, ${count} rejected (${reason})`).join('');
  if (isNothing(stored)) throw new CliError(harmlessLine(`${name}: nothing of it is stored${rejected}.`));
  return harmlessLine(`${name}: ${wordsOf(stored)}${rejected}`);
}

function importProblem(name: string, error: unknown): CliError {
  const { cause, stored } = error instanceof PartError ? error : { cause: error, stored: undefined };
  const isNamed = cause instanceof CliError && cause.message.startsWith(name);
  const problem = isNamed ? cause : fileProblem(name, cause);
  if (stored === undefined) return problem;
  const before = `The store has the part before it: ${wordsOf(stored)}.`;
  return new CliError(`${problem.message.replace(/\.?$/u, '.')} ${before}`, { cause });
}

function wordsOf({ spans, logs, known }: Stored): string {
  return [
    ...(spans > 0 || logs === 0 ? [counted(spans, 'span')] : []),
    ...(logs > 0 ? [counted(logs, 'log record')] : []),
    ...(known > 0 ? [`${known} already stored`] : []),
  ].join(', ');
}

/** A file as its content, of which only what is read is in memory. @throws Error as openRegular does */
async function openBlob(path: string): Promise<Blob> {
  await (await openRegular(path)).close();
  return openAsBlob(path);
}

async function send(client: ExplorerClient, body: Blob, mix: boolean): Promise<Imported> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body };
  return (await (await client.send(mix ? '/api/import?mix=true' : '/api/import', init)).json()) as Imported;
}
