import { existsSync, lstatSync } from 'node:fs';
import { mkdir, rm, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Node, ParseError } from 'jsonc-parser';
import { applyEdits, modify, parse, parseTree } from 'jsonc-parser';
import { writeWhole } from '../../../../core/command/files/whole-file.ts';
import { readRegular } from '../../../../lib/node/regular-file.ts';

/**
 * The text of a JSON file, with comments or without, that has an entry or has it no more. All other bytes stay as they are.
 * @param path of the entry: keys from the outside in
 * @throws Error when the text is no such JSON, has a key twice, or has something else on the way to the entry
 */
export function changedJson(text: string, path: readonly string[], entry: object | undefined): string {
  const [, mark = '', json = ''] = /^(\ufeff?)([\s\S]*)$/.exec(text) ?? [];
  const before = json.trim() === '' ? '{}' : json;
  const errors: ParseError[] = [];
  let value: unknown = parse(before, errors, { allowTrailingComma: true });
  if (errors.length > 0) throw new Error('it is not JSON');
  const twice = keyTwiceIn(parseTree(before, [], { allowTrailingComma: true }));
  if (twice !== undefined)
    throw new Error(`it has the key ${JSON.stringify(twice)} twice, and readers differ in which one counts`);
  for (const key of path) {
    if (value === undefined) break;
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new Error(`an object was expected around ${key}`);
    value = Object.hasOwn(value, key) ? Object(value)[key] : undefined;
  }
  if (entry === undefined && value === undefined) return text;
  return mark + applyEdits(before, modify(before, [...path], entry, {}));
}

/** A key that an object has twice, however deep; undefined where none has. */
function keyTwiceIn(root: Node | undefined): string | undefined {
  const waiting = root === undefined ? [] : [root];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    const children = node.children ?? [];
    const keys = node.type === 'object' ? children.map(({ children: [key] = [] }) => String(key?.value)) : [];
    const seen = new Set<string>();
    for (const key of keys) {
      if (seen.has(key)) return key;
      seen.add(key);
    }
    waiting.push(...children);
  }
  return undefined;
}

/**
 * Changes a file below a folder, and makes the folders above it. Its mode stays. Nothing is changed through a link, which may
 * lead anywhere.
 * @param change gets the content and returns the new one; undefined stands for no file
 * @returns whether the content changed
 * @throws Error that names the link, or of the file system or of `change`
 */
export async function changeFile(
  root: string,
  path: string,
  change: (text: string | undefined) => string | undefined,
): Promise<boolean> {
  let file = root;
  for (const part of path.split('/')) {
    file = join(file, part);
    if (lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) throw new Error(`${file} is a link`);
  }
  const text = existsSync(file) ? await readRegular(file) : undefined;
  const changed = change(text);
  if (changed === text) return false;
  if (changed === undefined) {
    await rm(file);
    // Until a folder has files of somebody else's.
    for (let above = dirname(file); above !== root; above = dirname(above))
      if (await rmdir(above).then(Boolean, () => true)) break;
    return true;
  }
  await mkdir(dirname(file), { recursive: true });
  await writeWhole(file, (place) => writeFile(place, changed));
  return true;
}
