import { writeFile } from 'node:fs/promises';
import { nearestName } from '../../conventions/nearest-name.ts';
import { ALL_DATASETS } from '../../query/parse/all-datasets.ts';
import { isNamed, looksSecret } from '../../saved-trace/named-fields.ts';
import { harmlessLine, shellWord } from '../../shared/harmless-text.ts';
import type { TraceField } from '../../traces/read/field-values.ts';
import type { ExplorerClient } from '../client/explorer-client.ts';
import { fileProblem } from './file-problem.ts';
import { writeWhole } from './whole-file.ts';

/** Files to write, and the fields whose values are left out of the files. */
export interface SavedFiles {
  readonly html?: string | undefined;
  readonly svg?: string | undefined;
  readonly redact?: readonly string[] | undefined;
}

/**
 * Writes a trace as a page, as a picture, or both. Names fields that look secret and are not redacted, and names to redact
 * that no field has.
 *
 * @throws CliError for a file that cannot be written
 */
export async function saveTrace(
  client: ExplorerClient,
  traceId: string,
  { html, svg, redact = [] }: SavedFiles,
): Promise<void> {
  const query = new URLSearchParams(redact.map((name): [string, string] => ['redact', name]));
  for (const [part, path] of [
    ['page', html],
    ['picture', svg],
  ] as const) {
    if (path === undefined) continue;
    const answer = await client.send(`/api/traces/${traceId}/${part}?${query}`);
    const text = await answer.text();
    await writeWhole(path, (part) => writeFile(part, text)).catch((error: unknown) => {
      throw fileProblem(path, error, 'written');
    });
    process.stdout.write(`${path}: trace ${traceId}\n`);
  }
  await nameUnknown(client, redact);
  const { fields } = await client.ask<{ fields: readonly TraceField[] }>(`/api/traces/${traceId}/fields`);
  const kept = fields
    .map(({ name }) => name)
    .filter((name) => looksSecret(name) && !isNamed(name, redact))
    .map(harmlessLine);
  if (kept.length > 0)
    process.stderr.write(
      `These fields look secret: ${kept.join(', ')}. Leave their values out with ${kept.map((name) => `--redact ${shellWord(name)}`).join(' ')}.\n`,
    );
}

/** Says which of the names no field of the explorer has, each with the nearest name. */
async function nameUnknown(client: ExplorerClient, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const columns = await client.ask<{ key_name: string }[]>(`/1/columns/${ALL_DATASETS}`);
  const known = columns.map(({ key_name }) => key_name);
  for (const name of names) {
    if (known.some((field) => isNamed(field, [name]))) continue;
    const near = nearestName(name, known);
    const meant = near === undefined ? '' : ` Did you mean ${shellWord(near)}?`;
    process.stderr.write(
      `--redact ${shellWord(name)}: no field has this name, so nothing was left out.${meant}\n`,
    );
  }
}
