import type { SightedKind } from '../../../../core/runs/accepted.ts';
import type { ReadOptions, SpanStore } from '../../../../core/store/store.ts';
import { cutSql, statementShapeSql } from '../../../../core/traces/model/shapes.ts';
import { firstField } from '../../../../core/traces/read/field-sql.ts';
import { NAMES } from '../../../../core/traces/read/meanings.ts';
import { spanColumns } from '../../../../core/traces/read/span-columns.ts';
import type { Kinds } from './sighted.ts';

/** Spans whose statements are asked for at once. */
const PART = 2_000;

/** The kinds of sightings of some causes, with the shapes of their statements, which no outline has. */
export async function readKinds(
  store: SpanStore,
  causes: readonly Kinds[],
  options: ReadOptions,
): Promise<(kinds: Kinds) => SightedKind[]> {
  const asked = causes
    .flatMap((kinds) => [...kinds.values()])
    .filter(({ statementOf }) => statementOf !== '');
  const statements = new Map<string, string>();
  for (let at = 0; at < asked.length; at += PART)
    for (const [id, statement] of await readStatements(store, asked.slice(at, at + PART), options))
      statements.set(id, statement);
  return (kinds) =>
    [...kinds.values()].map(({ kind, statementOf, isWeak }) => {
      const statement = statements.get(`${kind.trace_id} ${statementOf}`);
      return { ...kind, ...(statement !== undefined && { statement }), ...(isWeak && { weak: true }) };
    });
}

type Asked = Kinds extends Map<string, infer Seen> ? Seen : never;

async function readStatements(store: SpanStore, asked: readonly Asked[], options: ReadOptions) {
  const c = spanColumns(store);
  const text = firstField(store.fields(), ...NAMES.statement);
  const plain = `trim(regexp_replace(${statementShapeSql(text)}, '\\s+', ' ', 'g'))`;
  const [traceIds, spanIds] = [asked.map(({ kind }) => kind.trace_id), asked.map((each) => each.statementOf)];
  const listed = (at: number) => `(SELECT unnest(string_split($${at}, ' ')))`;
  const { rows } = await store.read(
    `SELECT ${c.traceId} || ' ' || ${c.spanId}, ${cutSql(plain)} FROM spans
    WHERE ${c.traceId} IN ${listed(1)} AND ${c.spanId} IN ${listed(2)} AND ${c.isSpan} AND ${text} IS NOT NULL`,
    [[...new Set(traceIds)].join(' '), [...new Set(spanIds)].join(' ')],
    options,
  );
  return rows.map(([id, statement]) => [String(id), String(statement)] as const);
}
