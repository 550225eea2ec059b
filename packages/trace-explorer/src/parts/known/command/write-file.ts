import { writeFile } from 'node:fs/promises';
import { writeWhole } from '../../../core/command/files/whole-file.ts';
import type { AcceptedEntry } from '../../../core/problems/file/accepted.ts';
import { comparedKey } from '../../../core/problems/file/accepted.ts';
import { byPlace, haveOneFile, LONGEST, VERSION, WRITTEN } from '../../../core/problems/file/entries.ts';
import type { Sighting } from '../../../core/problems/schemas.ts';
import { harmlessJson } from '../../../lib/text/harmless-text.ts';

/** The text of a file: each field on a line of its own, so that entries at different places merge. */
export function textOf(entries: readonly AcceptedEntry[]): string {
  const known = entries.map((entry) =>
    Object.fromEntries(WRITTEN.flatMap((name) => (entry[name] === undefined ? [] : [[name, entry[name]]]))),
  );
  return `${harmlessJson({ version: VERSION, known })}\n`;
}

/** Writes the whole file at once. @throws Error of the file system */
export async function writeEntries(path: string, entries: readonly AcceptedEntry[]): Promise<void> {
  await writeWhole(path, (part) => writeFile(part, textOf(entries)));
}

/** Entries with further ones, each before the first that comes after it: the order of the others stays. */
export function withEntries(
  entries: readonly AcceptedEntry[],
  more: readonly AcceptedEntry[],
): AcceptedEntry[] {
  const all = [...entries];
  for (const entry of more.toSorted(byPlace)) {
    const at = all.findIndex((other) => byPlace(other, entry) > 0);
    all.splice(at < 0 ? all.length : at, 0, entry);
  }
  return all;
}

/** Who accepts, and why. */
export type Acceptor = Pick<AcceptedEntry, 'by' | 'why' | 'since' | 'until'>;

/** An entry for each kind of sighting that none of the entries has. Of kinds that only their files tell apart, those with a file come first. */
export function entriesFor(
  kinds: readonly Sighting[],
  entries: readonly AcceptedEntry[],
  acceptor: Acceptor,
): AcceptedEntry[] {
  const byKey = Map.groupBy(entries, comparedKey);
  const added: AcceptedEntry[] = [];
  const withFileFirst = kinds.toSorted((a, b) => Number(a.file === undefined) - Number(b.file === undefined));
  for (const { line: _, column: _c, function: _f, trace_id: _t, weak: _w, ...fields } of withFileFirst) {
    const key = comparedKey(fields);
    const alike = byKey.get(key) ?? [];
    if (alike.some((entry) => haveOneFile(entry, fields))) continue;
    const entry = { ...fields, sentence: fields.sentence.slice(0, LONGEST), ...acceptor };
    byKey.set(key, [...alike, entry]);
    added.push(entry);
  }
  return added;
}
