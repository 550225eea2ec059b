import { SeededRandom } from '@tandem/otlp/testing';
import type { Test } from 'tap';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { FILTER_OPS } from '../../../../src/core/query/parse/operators.ts';
import { parseQuery } from '../../../../src/core/query/parse/parse-query.ts';
import type { Filter } from '../../../../src/core/query/parse/query-spec.ts';
import { RELATIONS, SINGLE_RELATIONS } from '../../../../src/core/query/parse/relation.ts';
import { runQuery } from '../../../../src/core/query/run/run-query.ts';
import type { SpanStore } from '../../../../src/core/store/store.ts';
import { at } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { storeSpans, temporaryStore } from '../../../spans.ts';
import type { Value } from './oracle-values.ts';
import { passes } from './oracle-values.ts';

// At night too: with more random queries.

const random = new SeededRandom(2);
const hex = (value: number, digits: number) => value.toString(16).padStart(digits, 'f');

/** Random queries of a run. */
const QUERIES = IS_NIGHT ? 1000 : 50;
/**
 * Whether each relation is asked with each operator and all filters, or with every third operator and the filters up to the
 * first that finds spans.
 */
const IS_ALL = QUERIES > 50;
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

/** Whether a span fits, in plain TypeScript: filters of one relation are about one and the same span. */
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

const ONLY_SPANS: Filter = { column: 'span.kind', op: 'exists' };
const START = Math.floor(Number(at(0)) / 1e9) - 60;
const rowKey = (values: readonly unknown[]) => JSON.stringify(values);

/** Asks the store, and plain TypeScript; how many spans fit. */
async function check(
  t: Test,
  store: SpanStore,
  filters: readonly Filter[],
  breakdowns: readonly string[],
  weightOf: (span: PlainSpan) => number = () => 1,
): Promise<number> {
  const query = { filters: [...filters, ONLY_SPANS], breakdowns, limit: 1000, start_time: START };
  const { results } = await runQuery(store, '__all__', parseQuery(query));
  const matching = SPANS.filter((span) => fits(span, filters));
  const groups = Map.groupBy(matching, (span) =>
    rowKey(
      breakdowns.map((name) => {
        const [relation, field] = name.includes('.') ? name.split('.') : ['', name];
        const of = relation === '' ? span : related(relation as Relation, span)[0];
        return of === undefined ? null : fieldOf(of, field ?? '');
      }),
    ),
  );
  if (breakdowns.length === 0 && groups.size === 0) groups.set('[]', []);
  const wanted = [...groups].map(([key, spans]) => {
    return [key, spans.reduce((sum, span) => sum + weightOf(span), 0)];
  });
  const found = results.map(({ data }) => [rowKey(breakdowns.map((name) => data[name])), data.COUNT]);
  t.same(found.toSorted(), wanted.toSorted(), JSON.stringify(query));
  return matching.length;
}

const FILTERS = [
  ['name', 'SELECT'],
  ['name', 'GET /'],
  ['size', 2],
  ['size', 0],
] as const;

function filterOf(column: string, op: Filter['op'], value: string | number): Filter {
  if (op.includes('exist')) return { column, op };
  return { column, op, value: op === 'in' || op === 'not-in' ? [value, 'render', 1] : value };
}

t.test('relational fields answer as plain TypeScript does, in WHERE and GROUP BY', async (t) => {
  const store = await temporaryStore(t);
  await storeSpans(store, SPANS);
  const relations = Object.keys(RELATIONS) as Relation[];
  let answered = 0;
  for (let i = 0; i < QUERIES; i++) {
    const filters = Array.from({ length: 1 + random.below(4) }, (): Filter => {
      const [field, value] = random.pick(FILTERS);
      const relation = random.chance(0.8) ? `${random.pick(relations)}.` : '';
      return filterOf(`${relation}${field}`, random.pick(FILTER_OPS), value);
    });
    const breakdowns = random.pick([[], ['root.name'], ['parent.size'], ['name', 'root.size']]);
    if ((await check(t, store, filters, breakdowns)) > 0) answered++;
  }
  t.ok(answered > QUERIES / 3, `${answered} queries found spans`);
});

t.test(
  'each of the seven relations works with every operator, and groups if it stands for one span',
  async (t) => {
    const store = await temporaryStore(t);
    // Traces of which one stands for several: what relations find is weighed as anything else is.
    const weightOf = ({ traceId }: PlainSpan) => 1 + (Number.parseInt(traceId?.slice(-2) ?? '', 16) % 3);
    const sampled = SPANS.map((span) => ({
      ...span,
      attributes: { ...span.attributes, SampleRate: weightOf(span) },
    }));
    await storeSpans(store, sampled);
    const relations = Object.keys(RELATIONS) as Relation[];
    t.equal(relations.length, 7);
    for (const [nth, relation] of relations.entries()) {
      for (const op of FILTER_OPS.filter((_, at) => IS_ALL || (at + nth) % 3 === 0)) {
        let found = 0;
        for (const [field, value] of FILTERS) {
          if (found > 0 && !IS_ALL) break;
          found += await check(t, store, [filterOf(`${relation}.${field}`, op, value)], [], weightOf);
        }
        t.ok(found > 0, `${relation}. ${op} finds spans`);
      }
      const breakdowns = [`${relation}.name`, `${relation}.size`];
      const isSingle = SINGLE_RELATIONS.includes(relation);
      if (isSingle) t.ok((await check(t, store, [], breakdowns, weightOf)) > 0);
      else
        await t.rejects(
          runQuery(store, '__all__', parseQuery({ breakdowns })),
          { message: `breakdowns[0]: ${relation}. stands for several spans` },
          `no group by ${relation}.`,
        );
    }
  },
);
