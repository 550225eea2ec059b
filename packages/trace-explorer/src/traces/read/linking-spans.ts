import type { Static } from 'typebox';
import Type from 'typebox';
import type { ReadOptions, SpanStore } from '../../store/store.ts';
import { readField } from './field-sql.ts';
import { rfc3339 } from './rfc3339.ts';
import { spanColumns } from './span-columns.ts';

/** Most spans in the list. */
const MOST = 50;

const text = Type.String();
const start = Type.String({ description: 'RFC 3339' });

/** The newest spans of any trace that link to one span. */
export const LinkingSpans = Type.Array(
  Type.Object({ trace_id: text, span_id: text, service: text, name: text, start }),
  { description: `the newest ${MOST}, newest first` },
);
export type LinkingSpans = Static<typeof LinkingSpans>;

/** The newest spans that link to a span. A span with several such links appears once. */
export async function readLinkingSpans(
  store: SpanStore,
  traceId: string,
  spanId: string,
  options: ReadOptions = {},
): Promise<LinkingSpans> {
  const c = spanColumns(store);
  const field = (name: string) => readField(store.fields(), name, 'VARCHAR');
  const { rows } = await store.read(
    `SELECT ${c.traceId}, ${c.parentId}, any_value(${c.service}), any_value(${field('parent_name')}), max(_time)
    FROM spans WHERE ${field('meta.annotation_type')} = 'link'
      AND ${field('trace.link.trace_id')} = $1 AND ${field('trace.link.span_id')} = $2
    GROUP BY 1, 2 ORDER BY 5 DESC, 1, 2 LIMIT ${MOST}`,
    [traceId, spanId],
    options,
  );
  return rows.map(([trace_id, span_id, service, name, time]) => {
    const reference = {
      trace_id: String(trace_id),
      span_id: String(span_id),
      service: String(service ?? ''),
    };
    return { ...reference, name: String(name ?? ''), start: rfc3339(BigInt(time as number | bigint)) };
  });
}
