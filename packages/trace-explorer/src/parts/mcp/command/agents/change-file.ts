import { lstatSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { ParseError } from 'jsonc-parser';
import { applyEdits, modify, parse } from 'jsonc-parser';
import { writeWhole } from '../../../../core/command/files/whole-file.ts';

/**
 * The text of a JSON file, with comments or without, that has an entry or has it no more. All other bytes stay as they are.
 * @param path of the entry: keys from the outside in
 * @throws Error when the text is no such JSON, or something else stands on the way to the entry
 */
export function changedJson(text: string, path: readonly string[], entry: object | undefined): string {
  const [, mark = '', json = ''] = /^(\ufeff?)([\s\S]*)$/.exec(text) ?? [];
  const before = json.trim() === '' ? '{}' : json;
  const errors: ParseError[] = [];
  let value: unknown = parse(before, errors, { allowTrailingComma: true });
  if (errors.length > 0) throw new Error('it is not JSON');
  for (const key of path) {
    if (value === undefined) break;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error(`an object was expected around ${key}`);
    value = Object.hasOwn(value, key) ? Object(value)[key] : undefined;
  }
  if (entry === undefined && value === undefined) return text;
  return mark + applyEdits(before, modify(before, [...path], entry, {}));
}

/**
 * Writes a file below a folder, and the folders above it. Its mode stays.
 * @param change gets the content, undefined without a file, and returns the new one
 * @returns whether the content changed
 * @throws Error where a link is on the way, or of the file system or of `change`
 */
export async function changeFile(
  root: string,
  path: string,
  change: (text: string | undefined) => string | undefined,
): Promise<boolean> {
  refuseLinks(root, path);
  const file = join(root, path);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  const changed = change(text);
  if (changed === undefined || changed === text) return false;
  await mkdir(dirname(file), { recursive: true });
  await writeWhole(file, (place) => writeFile(place, changed));
  return true;
}

/** Nothing is written or removed through a link, which may lead anywhere. @throws Error that names the link */
export function refuseLinks(root: string, path: string): void {
  let place = root;
  for (const part of path.split(/[\\/]/)) {
    place = `${place}${sep}${part}`;
    if (lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink()) throw new Error(`${place} is a link`);
  }
}
