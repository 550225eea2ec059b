import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importsBetweenRooms } from '../../budgets.ts';
import { ROOT } from '../root.ts';
import { code, table } from './table.ts';

export const ROOMS_PATH = 'docs/reference/rooms.md';

/**
 * A document's tables of rooms: order and imports come from budgets.json and the sources. What a room has is
 * written in the document itself and kept; a new room has no words yet.
 * @param path the document
 * @param has whether the document has the rooms of a source folder
 */
export function roomTables(path: string, has: (folder: string) => boolean): string {
  const words = wordsOfRooms(path);
  const sections = [...importsBetweenRooms(ROOT)]
    .filter(([folder]) => has(folder))
    .map(([folder, rooms]) => {
      const rows = [...rooms].map(([room, imported]) => [
        code(room),
        words.get(`${folder}/${room}`) ?? '',
        imported.map(code).join(' '),
      ]);
      return `## ${code(folder)}\n${table(['room', 'what it has', 'imports'], rows)}`;
    });
  return sections.join('\n\n');
}

/** What each room has, by its path, as the document says now. */
export function wordsOfRooms(path: string): Map<string, string> {
  const sections = readFileSync(join(ROOT, path), 'utf8')
    .split(/^## (?=`)/m)
    .slice(1);
  return new Map(
    sections.flatMap((section) => {
      const [, folder = ''] = /^`([^`]+)`/.exec(section) ?? [];
      const rows = section.matchAll(/^\| `([^`]+)` \| (.*?) \| .*\|$/gm);
      return [...rows].map(([, room = '', has = '']): [string, string] => [`${folder}/${room}`, has]);
    }),
  );
}
