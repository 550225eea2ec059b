import { counted } from '../traces/findings/words.ts';
import type { Reading } from './reading.ts';

/** Fields in one statement: each is a column to read. */
const AT_ONCE = 100;

/**
 * Counts the spans of each service that have some fields, and where no span has a field, its log records.
 * @param isCounted chooses fields by their names
 */
export async function countFields(
  { store, count }: Reading,
  isCounted: (name: string) => boolean,
): Promise<{ service: string; name: string; rows: string; count: number; example: number }[]> {
  const fields = [...store.fields().values()].filter(({ name }) => isCounted(name));
  const found = [];
  const seen = new Set<string>();
  for (const [rows, noun] of [
    ['isSpan', 'span'],
    ['isLog', 'log record'],
  ] as const)
    for (let at = 0; at < fields.length; at += AT_ONCE) {
      const conditions = fields.slice(at, at + AT_ONCE).map(({ name, sql }) => [name, `${sql} IS NOT NULL`]);
      for (const { key: name, ...each } of await count(Object.fromEntries(conditions), rows)) {
        const id = JSON.stringify([each.service, name]);
        if (!seen.has(id)) found.push({ ...each, name, rows: counted(each.count, noun) });
        seen.add(id);
      }
    }
  return found;
}
