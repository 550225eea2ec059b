import { monotonicNow } from '../../common/primordials.ts';
import { quietly } from '../../common/quietly.ts';
import { originals } from './call.ts';

/** The read parts of a database of `node:sqlite`. */
interface Database {
  prepare(sql: string): { all(): unknown[] };
}

/** Milliseconds from which on a statement is asked for its plan, which takes some 30 µs. */
const LEAST_MS = 20;
/** Plans that are kept of a database, characters of their statements, and tables that are told. */
const [MOST, LONGEST, MOST_TABLES] = [100, 10_000, 3];
/** Only a SELECT changes nothing of its connection where it is explained. */
const SELECT = /^\s*SELECT\b/i;
/** A step of a plan that reads a table, or all of an index, from its beginning: no subquery, and no virtual table. */
const SCAN = /^SCAN (?!CONSTANT\b|\d)([^\s()]+)(?: USING (?:COVERING )?INDEX \S+)?$/;

let isOn = false;
const begun = new WeakMap<object, number>();
const known = new WeakMap<object, Map<string, string>>();

/** From now on slow statements of `node:sqlite` say which tables they scan. */
export function sayScans(): void {
  isOn = true;
}

/** Notes that a call begins. */
export function noteBegin(call: object): void {
  if (isOn) begun.set(call, monotonicNow());
}

/**
 * The tables that a call's statement reads row by row, by EXPLAIN QUERY PLAN over its own connection, which runs nothing of it. Empty for
 * a quick call, for other statements than SELECT, and for the databases of other libraries: theirs may tell the app each statement.
 */
export function scansOf(call: object, database: object, source: unknown): string {
  const since = begun.get(call);
  if (since === undefined || monotonicNow() - since < LEAST_MS) return '';
  if (typeof source !== 'string' || source.length > LONGEST || !SELECT.test(source)) return '';
  const plans = known.get(database) ?? new Map<string, string>();
  known.set(database, plans);
  const found = plans.get(source);
  if (found !== undefined || plans.size >= MOST) return found ?? '';
  let scans = '';
  quietly(() => {
    scans = explain(database as Database, source);
  });
  plans.set(source, scans);
  return scans;
}

/** By the driver's own functions, so that the question has no span. Without them nothing is asked. */
function explain(database: Database, source: string): string {
  const prepare = originals.get(database.prepare);
  if (prepare === undefined || typeof (database as { location?: unknown }).location !== 'function') return '';
  const statement = Reflect.apply(prepare, database, [`EXPLAIN QUERY PLAN ${source}`] as never) as object;
  const { all } = statement as { all(): unknown[] };
  const rows = Reflect.apply(originals.get(all) ?? all, statement, [] as never) as unknown[];
  const details = rows.map((row) => String(Array.isArray(row) ? row[3] : Object(row).detail));
  const tables = details.flatMap((detail) => SCAN.exec(detail)?.[1] ?? []);
  return [...new Set(tables)].slice(0, MOST_TABLES).join(', ');
}
