import { createHash } from 'node:crypto';
import type { Compilable, CompiledQuery, Kysely } from 'kysely';

/** Names of the queries that were prepared, by their text. */
const names = new Map<string, string>();

/** Stands for a value that is given when the query runs. */
export type Placeholder<P> = <K extends keyof P>(name: K) => P[K];

/**
 * Builds and compiles a query once and returns a function that runs it with values. Building and compiling a page's
 * query costs about as much CPU as running it on SQLite, and its text never changes. PostgreSQL is given a name for it,
 * by which each connection parses and plans it once: that was half of the time of a search, and more of other pages'.
 *
 * @example
 * const findUser = prepareQuery<Schema, { handle: string }, User>(db, (value) =>
 *   db.selectFrom('users').selectAll().where('handle', '=', value('handle')),
 * );
 * const [user] = await findUser({ handle: 'bayko' });
 */
export function prepareQuery<Schema, P extends object, Row>(
  db: Kysely<Schema>,
  build: (placeholder: Placeholder<P>) => Compilable<Row>,
): (values: P) => Promise<Row[]> {
  const compiled = build((name) => new NamedValue(name) as never).compile();
  if (!names.has(compiled.sql)) names.set(compiled.sql, nameOf(compiled.sql));
  const sources = compiled.parameters.map((parameter) =>
    parameter instanceof NamedValue ? (values: P) => values[parameter.name as keyof P] : () => parameter,
  );
  return async function runPrepared(values) {
    const query: CompiledQuery<Row> = { ...compiled, parameters: sources.map((source) => source(values)) };
    return (await db.executeQuery(query)).rows;
  };
}

/** The name that a prepared query has for the database; undefined for a text that was not prepared. */
export function preparedName(text: string): string | undefined {
  return names.get(text);
}

/**
 * A name that means this text in every process: behind a pooler that does not follow names, services share connections,
 * and under a number one would run what the other has prepared.
 */
function nameOf(text: string): string {
  return `prepared_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

class NamedValue {
  readonly name: PropertyKey;

  constructor(name: PropertyKey) {
    this.name = name;
  }
}
