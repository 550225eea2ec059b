import { writeFile } from 'node:fs/promises';
import type { ExplorerClient } from '../../../core/command/client/explorer-client.ts';
import { fileProblem } from '../../../core/command/files/file-problem.ts';
import { writeWhole } from '../../../core/command/files/whole-file.ts';
import { nearestName } from '../../../core/conventions/nearest-name.ts';
import { isNamed, looksSecret, readNames, UNUSED_NAMES } from '../../../core/redaction/named-fields.ts';
import type { TraceField } from '../../../core/traces/tree/field-values.ts';
import { harmlessLine, shellWord } from '../../../lib/text/harmless-text.ts';

/** The file to write, and the fields whose values the file lacks. */
export interface SavedFiles {
  readonly html?: string | undefined;
  readonly redact?: readonly string[] | undefined;
  /** Whether the file names lines of code. */
  readonly code?: boolean | undefined;
}

/**
 * Writes a trace as a page. Names fields that look secret and are not redacted, and names to redact
 * that no field of the trace has.
 *
 * @throws CliError for a file that cannot be written
 */
export async function saveTrace(
  client: ExplorerClient,
  traceId: string,
  { html, redact = [], code = false }: SavedFiles,
): Promise<void> {
  let unused: readonly string[] = [];
  const query = new URLSearchParams({ code: String(code) });
  for (const name of redact) query.append('redact', name);
  if (html !== undefined) {
    const answer = await client.send(`/api/traces/${traceId}/page?${query}`);
    unused = readNames(answer.headers.get(UNUSED_NAMES));
    const text = await answer.text();
    await writeWhole(html, (part) => writeFile(part, text)).catch((error: unknown) => {
      throw fileProblem(html, error, 'written');
    });
    process.stdout.write(`${html}: trace ${traceId}\n`);
  }
  const { fields } = await client.ask<{ fields: readonly TraceField[] }>(`/api/traces/${traceId}/fields`);
  const names = fields.map(({ name }) => name);
  nameUnused(unused, names);
  const kept = names.filter((name) => looksSecret(name) && !isNamed(name, redact)).map(harmlessLine);
  if (kept.length > 0)
    process.stderr.write(
      `These fields look secret: ${kept.join(', ')}. Leave their values out with ${kept.map((name) => `--redact ${shellWord(name)}`).join(' ')}.\n`,
    );
}

/** Says which of the names no field of the trace has, each with the nearest name. */
function nameUnused(unused: readonly string[], known: readonly string[]): void {
  for (const name of unused) {
    const near = nearestName(name, known);
    const meant = near === undefined ? '' : ` Did you mean ${shellWord(near)}?`;
    process.stderr.write(`--redact ${shellWord(name)}: no field of this trace has this name.${meant}\n`);
  }
}
