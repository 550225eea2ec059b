import { errorMessage } from './error-origins.ts';
import type { TraceModel } from './trace-model.ts';

/**
 * Codes of databases, and beginnings of their messages, for a row that is there already: of PostgreSQL, MySQL, SQLite, SQL Server, MongoDB,
 * Oracle and Prisma.
 */
const DUPLICATE_CODE =
  /^(?:23505|1062|2067|1555|2627|2601|11000|P2002|ER_DUP_ENTRY|SQLITE_CONSTRAINT_(?:UNIQUE|PRIMARYKEY))$/;
const DUPLICATE =
  /\bcode: 23505\b|duplicate key|\bDuplicate entry\b|\bER_DUP_ENTRY\b|UNIQUE constraint|SQLITE_CONSTRAINT_(?:UNIQUE|PRIMARYKEY)|\bE11000\b|\bUniqueViolation\b|\bORA-00001\b/i;

/** Whether a failed span says that a row is there already. */
function isDuplicate(model: TraceModel, index: number): boolean {
  const texts = [
    model.problem(index),
    model.exceptionType(index),
    model.exception(index),
    model.statusMessage(index),
  ];
  return texts.some((text = '') => DUPLICATE_CODE.test(text) || DUPLICATE.test(text));
}

/** Failed statements whose row was there already, before one that read or changed the same table in the same request; and what passed the failure on. */
export function takenInstead(model: TraceModel, entry: Int32Array): readonly number[] {
  // A request that fails in the end has expected nothing.
  const refused = model.errors.filter(
    (index) =>
      model.isDatabase(index) && model.error[entry[index] ?? index] !== 1 && isDuplicate(model, index),
  );
  if (refused.length === 0) return [];
  const tableKey = (index: number) =>
    JSON.stringify([entry[index], model.service(index), model.peer(index), tableOf(model, index)]);
  const last = new Map<string, number>();
  for (let index = 0; index < model.count; index++) {
    if (!model.isDatabase(index) || model.error[index] === 1 || tableOf(model, index) === '') continue;
    if (inserts(model, index)) continue;
    const key = tableKey(index);
    last.set(key, Math.max(last.get(key) ?? 0, model.offset[index] ?? 0));
  }
  const taken = refused.filter((index) => (last.get(tableKey(index)) ?? 0) > (model.offset[index] ?? 0));
  const passed = taken.flatMap((index) => {
    const above: number[] = [];
    for (let up = model.parent[index] ?? -1; model.error[up] === 1; up = model.parent[up] ?? -1) {
      const isPassed = errorMessage(model, up) === '' || isDuplicate(model, up);
      if (!isPassed || entry[up] === up || model.service(up) !== model.service(index)) break;
      above.push(up);
    }
    return above;
  });
  return [...taken, ...passed];
}

/** Whether a statement makes a row: another new row takes nothing from the one that was refused. */
function inserts(model: TraceModel, index: number): boolean {
  return /^insert/i.test(model.shape(index) ?? model.name(index));
}

/** The table of a statement, by its shape or else by its name: `INSERT users 1f3a9c02`, `insertOne users`. Empty where nobody knows. */
function tableOf(model: TraceModel, index: number): string {
  const text = model.shape(index)?.replace(/ [0-9a-f]{8}$/, '') ?? model.name(index);
  const [, table = ''] = /^\S+ (\S+)$/.exec(text) ?? [];
  return table.toLowerCase();
}
