import { firstField } from '../../store/read/field-sql.ts';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { cutSql, statementShapeSql } from '../../traces/model/shapes.ts';
import { NAMES } from '../../traces/read/meanings.ts';
import { spanColumns } from '../../traces/read/span-columns.ts';
import type { SightingDraft } from '../fingerprint.ts';
import type { Sighting } from '../schemas.ts';

/** Spans whose statements are asked for at once. */
const PART = 2_000;

/** Sightings with the shapes of their statements, which no outline has: reads those of all that will be asked for. */
export async function readStatements(
  store: SpanStore,
  drafts: readonly SightingDraft[],
  options: ReadOptions,
): Promise<(some: readonly SightingDraft[]) => Sighting[]> {
  const asked = drafts.filter(({ statementOf }) => statementOf !== '');
  const statements = new Map<string, string>();
  for (let at = 0; at < asked.length; at += PART)
    for (const [id, statement] of await readShapes(store, asked.slice(at, at + PART), options))
      statements.set(id, statement);
  return (some) =>
    some.map(({ sighting, statementOf }) => {
      const statement = statements.get(`${sighting.trace_id} ${statementOf}`);
      return { ...sighting, ...(statement !== undefined && { statement }) };
    });
}

async function readShapes(store: SpanStore, asked: readonly SightingDraft[], options: ReadOptions) {
  const c = spanColumns(store);
  const text = firstField(store.fields(), ...NAMES.statement);
  const plain = `trim(regexp_replace(${statementShapeSql(text)}, '\\s+', ' ', 'g'))`;
  const [traceIds, spanIds] = [
    asked.map(({ sighting }) => sighting.trace_id),
    asked.map((each) => each.statementOf),
  ];
  const listed = (at: number) => `(SELECT unnest(string_split($${at}, ' ')))`;
  const { rows } = await store.read(
    `SELECT ${c.traceId} || ' ' || ${c.spanId}, ${cutSql(plain)} FROM spans
    WHERE ${c.traceId} IN ${listed(1)} AND ${c.spanId} IN ${listed(2)} AND ${c.isSpan} AND ${text} IS NOT NULL`,
    [[...new Set(traceIds)].join(' '), [...new Set(spanIds)].join(' ')],
    options,
  );
  return rows.map(([id, statement]) => [String(id), String(statement)] as const);
}
