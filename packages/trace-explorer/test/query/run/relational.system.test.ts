import { SeededRandom } from '@tandem/otlp/testing';
import t from 'tap';
import { FILTER_OPS } from '../../../src/query/parse/operators.ts';
import { parseQuery } from '../../../src/query/parse/parse-query.ts';
import type { Filter } from '../../../src/query/parse/query-spec.ts';
import { runQuery } from '../../../src/query/run/run-query.ts';
import { at } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { storeSpans, temporaryStore } from '../../spans.ts';
import type { Value } from './oracle-values.ts';
import { passes } from './oracle-values.ts';

const random = new SeededRandom(2);
const hex = (value: number, digits: number) => value.toString(16).padStart(digits, 'f');

/** Sixty traces of up to eight spans; of some the root never came. */
const SPANS = Array.from({ length: 60 }, (_, trace) => {
  const count = 1 + random.below(8);
  return Array.from({ length: count }, (_, i): PlainSpan => {
    const hasParent = i > 0 || trace % 7 === 0;
    const parent = i > 0 ? random.below(i) : 99;
    return {
      traceId: hex(trace, 32),
      spanId: hex(trace * 100 + i, 16),
      ...(hasParent && { parentSpanId: hex(trace * 100 + parent, 16) }),
      name: random.pick(['GET /', 'SELECT', 'render']),
      kind: 1,
      start: at(trace),
      durationMs: random.below(10),
      attributes: random.chance(0.7) ? { size: random.below(4) } : {},
      // Rows of their own, which are no spans: no child, no root.
      events: random.chance(0.3) ? [{ name: 'SELECT' }] : [],
    };
  });
}).flat();

type Relation = 'root' | 'parent' | 'child' | 'any' | 'any2' | 'any3' | 'none';

/** The spans that a span's fields of a relation are those of. */
function related(relation: Relation, span: PlainSpan): PlainSpan[] {
  const trace = SPANS.filter(({ traceId }) => traceId === span.traceId);
  if (relation === 'root') return trace.filter(({ parentSpanId }) => parentSpanId === undefined);
  if (relation === 'parent') return trace.filter(({ spanId }) => spanId === span.parentSpanId);
  if (relation === 'child') return trace.filter(({ parentSpanId }) => parentSpanId === span.spanId);
  return trace;
}

function fieldOf(span: PlainSpan, field: string): Value {
  if (field === 'name') return span.name ?? '';
  if (field === 'duration_ms') return span.durationMs ?? 0;
  return (span.attributes?.size as number | undefined) ?? null;
}

/** The same in plain TypeScript: filters of one relation are about one and the same span. */
function fits(span: PlainSpan, filters: readonly Filter[]): boolean {
  const byRelation = Map.groupBy(filters, ({ column }) => (column.includes('.') ? column.split('.')[0] : ''));
  return [...byRelation].every(([relation, own]) => {
    const test = (each: PlainSpan) =>
      own.every((filter) => passes(filter, fieldOf(each, filter.column.replace(/^\w+\./u, ''))));
    if (relation === '' || relation === undefined) return test(span);
    const found = related(relation as Relation, span).some(test);
    return relation === 'none' ? !found : found;
  });
}

t.test('relational fields answer as plain TypeScript does, in WHERE and GROUP BY', async (t) => {
  const store = await temporaryStore(t);
  await storeSpans(store, SPANS);
  const onlySpans = { column: 'span.kind', op: 'exists' };
  const relations = ['root', 'parent', 'child', 'any', 'any2', 'any3', 'none'] as const;
  let answered = 0;
  for (let i = 0; i < 150; i++) {
    const filters = Array.from({ length: 1 + random.below(4) }, (): Filter => {
      const [field, value] = random.pick([
        ['name', 'SELECT'],
        ['name', 'GET /'],
        ['size', 2],
        ['size', 0],
      ] as const);
      const relation = random.chance(0.8) ? `${random.pick(relations)}.` : '';
      const op = random.pick(FILTER_OPS.filter((each) => !each.includes('in')));
      return { column: `${relation}${field}`, op, ...(op.includes('exist') ? {} : { value }) };
    });
    const breakdowns = random.pick([[], ['root.name'], ['parent.size'], ['name', 'root.size']]);
    const query = {
      filters: [...filters, onlySpans],
      breakdowns,
      limit: 1000,
      start_time: Math.floor(Number(at(0)) / 1e9) - 60,
    };
    const { results } = await runQuery(store, '__all__', parseQuery(query));
    const matching = SPANS.filter((span) => fits(span, filters));
    const keyOf = (values: readonly unknown[]) => JSON.stringify(values);
    const groups = Map.groupBy(matching, (span) =>
      keyOf(
        breakdowns.map((name) => {
          const [relation, field] = name.includes('.') ? name.split('.') : ['', name];
          const of = relation === '' ? span : related(relation as Relation, span)[0];
          return of === undefined ? null : fieldOf(of, field ?? '');
        }),
      ),
    );
    if (breakdowns.length === 0 && groups.size === 0) groups.set('[]', []);
    const wanted = [...groups].map(([key, spans]) => [key, spans.length]).toSorted();
    const found = results
      .map(({ data }) => [keyOf(breakdowns.map((name) => data[name])), data.COUNT])
      .toSorted();
    if (matching.length > 0) answered++;
    t.same(found, wanted, JSON.stringify(query));
  }
  t.ok(answered > 50, `${answered} queries found spans`);
});
