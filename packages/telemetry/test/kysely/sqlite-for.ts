import type { DatabaseSync } from 'node:sqlite';

/** node:sqlite with the methods that Kysely's dialect calls. */
export function sqliteFor(database: DatabaseSync) {
  return {
    close: () => database.close(),
    prepare(text: string) {
      const statement = database.prepare(text);
      return {
        reader: /^\s*select|\breturning\b/i.test(text), // Node 22.15 cannot ask the statement
        all: (values: readonly unknown[]) => statement.all(...(values as [])),
        run: (values: readonly unknown[]) =>
          statement.run(...(values as [])) as { changes: number | bigint; lastInsertRowid: number | bigint },
        iterate: (values: readonly unknown[]) => statement.iterate(...(values as [])),
      };
    },
  };
}
