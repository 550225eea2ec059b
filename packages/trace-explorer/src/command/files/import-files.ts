import { readFile, stat } from 'node:fs/promises';
import { documentsOfPage } from '../../saved-trace/saved-trace.ts';
import { harmlessLine } from '../../shared/harmless-text.ts';
import { counted } from '../../traces/findings/words.ts';
import type { Imported } from '../../traces/forms/import-traces.ts';
import { readRequest } from '../arguments.ts';
import type { ExplorerClient } from '../client/explorer-client.ts';
import { CALL, CliError, DEFAULT_URL } from '../client/explorer-client.ts';
import { showProgress } from '../terminal/progress.ts';
import { fetchDocuments, withoutKeys } from './fetch-documents.ts';
import { fileProblem } from './file-problem.ts';
import type { Joined } from './join-documents.ts';
import { joinDocuments } from './join-documents.ts';

const USAGE = `Stores traces and log records from files or addresses: OTLP JSON, as a document, or with one document per line as \`export\`
and a collector's file exporter write it; or a saved page of a trace. What is stored already is left out.

  ${CALL} import FILE…
  ${CALL} import http://jaeger:16686/api/v3/traces/ID
  ${CALL} import http://tempo:3200/api/v2/traces/ID
  --url URL           where the explorer is (default: ${DEFAULT_URL})
`;

/** `import FILE…`. @throws CliError naming the file or address that cannot be read or has nothing of OTLP JSON in it */
export async function importCommand(args: readonly string[]): Promise<void> {
  const { positionals, client } = readRequest(args, USAGE, {});
  if (positionals.length === 0) throw new CliError(`Name the files to import.\n\n${USAGE}`);
  for (const path of positionals) await importFrom(client, path);
}

/** What a body of one request is made of. */
type Body = Joined['body'] | string;

async function importFrom(client: ExplorerClient, path: string): Promise<void> {
  const isAddress = /^https?:\/\//i.test(path);
  const name = isAddress ? withoutKeys(path) : path;
  let [spans, logs, known, share] = [0, 0, 0, ''];
  const reasons = new Map<string, number>();
  const endProgress = showProgress(
    () => `${harmlessLine(name)}: ${counted(spans + logs + known, 'span')} so far${share}`,
  );
  try {
    for await (const { body, done } of isAddress ? addressBodies(path) : fileBodies(path)) {
      const imported = await send(client, body);
      share = done === undefined ? '' : `, ${Math.floor(100 * done)} % of the file`;
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
    throw isAddress && error instanceof CliError ? error : fileProblem(name, error);
  } finally {
    endProgress();
  }
  if (spans + logs + known + reasons.size === 0)
    throw new CliError(
      `${name}: no spans or log records are in it. OTLP JSON has resourceSpans or resourceLogs; other formats, such as Jaeger's, are not read.`,
    );
  const rejected = [...reasons].map(([reason, count]) => `, ${count} rejected (${reason})`).join('');
  const what = [
    ...(spans > 0 || logs === 0 ? [counted(spans, 'span')] : []),
    ...(logs > 0 ? [counted(logs, 'log record')] : []),
    ...(known > 0 ? [`${known} already stored`] : []),
  ];
  process.stdout.write(`${harmlessLine(`${name}: ${what.join(', ')}${rejected}`)}\n`);
}

async function send(client: ExplorerClient, body: Body): Promise<Imported> {
  const headers = { 'content-type': 'application/json' };
  const init = {
    method: 'POST',
    headers,
    body: body as NonNullable<RequestInit['body']>,
    duplex: 'half' as const,
  };
  return (await (await client.send('/api/import', init)).json()) as Imported;
}

/** The bodies of a file's requests, with the share of the file that is done after each. */
async function* fileBodies(path: string): AsyncGenerator<{ body: Body; done?: number }> {
  if (/\.html?$/i.test(path)) {
    for (const body of (await documentsOfPage(await readFile(path, 'utf8'))) ?? []) yield { body };
    return;
  }
  const { size } = await stat(path);
  for await (const { body, to } of joinDocuments(path)) yield { body, done: to / Math.max(1, size) };
}

async function* addressBodies(address: string): AsyncGenerator<{ body: Body; done?: number }> {
  for (const body of await fetchDocuments(address)) yield { body };
}
