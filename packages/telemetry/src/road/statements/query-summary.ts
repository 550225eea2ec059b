import type { CompiledQuery, OperationNode } from 'kysely';

/** Operation and tables of a statement, for `db.operation.name`, `db.collection.name` and `db.query.summary`. */
export interface QuerySummary {
  readonly operation: string;
  /** The statement's only table; undefined for several tables, or when the tree names none. */
  readonly collection: string | undefined;
  /** `{operation} {table} {table}…`: low cardinality, the name of the span. At most 255 characters. */
  readonly summary: string;
}

const MAX_SUMMARY = 255; // limit of db.query.summary in the semantic conventions

/**
 * A cache by the statement's text, which has `?` or `$1` in place of values. A service has few statements, and the walk
 * through a statement's tree costs more than all other work of the span.
 */
const summaries = new Map<string, QuerySummary>();

/** A full cache is cleared: lists (`IN (?, ?, ?)`) make many texts. Longer texts are not kept. */
const MAX_SUMMARIES = 1_000;
const MAX_TEXT = 4_000;

/**
 * Reads operation and tables from Kysely's own query tree. For a raw statement, reads the first words of the SQL, and the
 * tables of `sql.table`.
 */
export function summarizeQuery(query: CompiledQuery): QuerySummary {
  const known = summaries.get(query.sql);
  if (known !== undefined) return known;
  const summary = summaryOf(operationOf(query), tablesIn(query.query, OF_STATEMENT));
  if (summaries.size >= MAX_SUMMARIES) summaries.clear();
  if (query.sql.length <= MAX_TEXT) summaries.set(query.sql, summary);
  return summary;
}

/** Summarizes a statement on these tables, which may repeat. */
export function summaryOf(operation: string, found: readonly string[]): QuerySummary {
  const tables = [...new Set(found)];
  const summary = [operation, ...tables].join(' ').slice(0, MAX_SUMMARY);
  return { operation, collection: tables.length === 1 ? tables[0] : undefined, summary };
}

const OPERATIONS: Partial<Record<OperationNode['kind'], string>> = {
  SelectQueryNode: 'SELECT',
  InsertQueryNode: 'INSERT',
  UpdateQueryNode: 'UPDATE',
  DeleteQueryNode: 'DELETE',
  MergeQueryNode: 'MERGE',
};

function operationOf(query: CompiledQuery): string {
  const known = OPERATIONS[query.query.kind];
  if (known !== undefined) return known;
  // The operation of a raw or schema statement is its first words (`CREATE TABLE`, `PRAGMA`).
  const words = /^[\s(]*([a-z]+)(?:\s+(table|index|schema|view|type|transaction|unique\s+index))?/i.exec(
    query.sql,
  );
  return words === null ? 'QUERY' : [words[1], words[2]].filter(Boolean).join(' ').toUpperCase();
}

/** The members of a statement that name its tables. `parameters`: the tables of `sql.table` in a raw statement. */
const OF_STATEMENT = ['into', 'table', 'from', 'using', 'joins', 'parameters'];

/** The members of other nodes that name tables. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  AliasNode: ['node'],
  FromNode: ['froms'],
  JoinNode: ['table'],
  ListNode: ['items'],
  RawNode: ['parameters'],
  SelectQueryNode: ['from', 'joins'],
  UsingNode: ['tables'],
};

function tablesIn(part: unknown, members?: readonly string[]): string[] {
  if (Array.isArray(part)) return part.flatMap((item) => tablesIn(item));
  const node = Object(part);
  if (node.kind === 'TableNode') {
    const { schema, identifier } = node.table;
    return [schema === undefined ? identifier.name : `${schema.name}.${identifier.name}`];
  }
  return (members ?? MEMBERS[node.kind] ?? []).flatMap((member) => tablesIn(node[member]));
}
