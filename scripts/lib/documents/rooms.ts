import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importsBetweenRooms } from '../../budgets.ts';
import { ROOT } from '../root.ts';
import { table } from './table.ts';

export const ROOMS_PATH = 'docs/reference/rooms.md';

/**
 * The tables of docs/reference/rooms.md: order and imports come from budgets.json and the sources. What a room
 * has is written in the document itself and kept; a new room has no words yet.
 */
export function roomTables(): string {
  const words = wordsOfRooms();
  const sections = [...importsBetweenRooms(ROOT)].map(([folder, rooms]) => {
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
export function wordsOfRooms(): Map<string, string> {
  const sections = readFileSync(join(ROOT, ROOMS_PATH), 'utf8')
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

function code(name: string): string {
  return `\`${name}\``;
}
