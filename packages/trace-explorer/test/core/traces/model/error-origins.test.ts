import { SeededRandom } from '@tandem/otlp/testing';
import t from 'tap';
import { originOf } from '../../../../src/core/traces/findings/facts.ts';
import { readTrees } from '../../../../src/core/traces/list/summaries.ts';
import { originsOf, originsSql } from '../../../../src/core/traces/model/error-origins.ts';
import { buildModel } from '../../../../src/core/traces/model/trace-model.ts';
import { spanColumns } from '../../../../src/core/traces/read/span-columns.ts';
import { spansInRange } from '../../../../src/core/traces/read/spans-in-range.ts';
import { outlineTree } from '../../../../src/core/traces/tree/outline-tree.ts';
import { nanosecondsOf } from '../../../../src/lib/time/time-range.ts';
import type { PlainSpan } from '../../../spans.ts';
import { storeSpans, temporaryStore } from '../../../spans.ts';
import { client, modelOf, server, span } from '../make-span.ts';

const TRACES = 600;
const MOST_SPANS = 9;

/** Traces of any shape: of all kinds, with and without messages, with parents that are not stored. The same at every call. */
function generatedTraces(begin: number): PlainSpan[] {
  const random = new SeededRandom(7);
  const id = (digits: number) => random.text('0123456789abcdef', digits);
  return Array.from({ length: TRACES }, (_, trace) => {
    const traceId = id(32);
    const ids = Array.from({ length: 1 + random.below(MOST_SPANS) }, () => id(16));
    return ids.map((spanId, at): PlainSpan => {
      const isFailed = random.chance(0.6);
      const thrown = { 'exception.type': 'Error', 'exception.message': random.pick(['', 'Error', 'no row']) };
      const isLost = random.chance(at === 0 ? 0.3 : 0.05);
      const parentSpanId = isLost ? id(16) : ids[random.below(at)];
      return {
        traceId,
        spanId,
        ...(parentSpanId !== undefined && (isLost || at > 0) && { parentSpanId }),
        name: random.pick(['GET', 'load', 'work']),
        service: random.pick(['shop', 'bank', 'suite']),
        kind: 1 + random.below(5),
        start: BigInt(begin) * 1_000_000_000n + BigInt(1000 * trace + at) * 1_000_000n,
        durationMs: 50,
        ...(isFailed && { status: 2, ...(random.chance(0.2) && { statusMessage: 'failed' }) }),
        attributes: {
          ...random.pick([{}, { 'http.response.status_code': random.pick([404, 500]) }]),
          ...(isFailed && random.chance(0.3) && thrown),
        },
      };
    });
  }).flat();
}

t.test('SQL finds the errors of generated traces where the model finds them', async (t) => {
  const store = await temporaryStore(t);
  const startTime = Math.floor(Date.now() / 1000) - 3600;
  const stored = generatedTraces(startTime);
  await storeSpans(store, stored);
  const within = { start: nanosecondsOf(startTime), end: nanosecondsOf(startTime + 3600) };
  const spans = await spansInRange(store, within, {});
  const { kind, parentId, traceId, spanId } = spanColumns(store);
  const answers = spans.matching(`${kind} = 'server' AND ${parentId} IS NOT NULL`);
  const found = await spans.readThrown(`${originsSql(answers)} SELECT seq, is_said FROM origins`, 'true');
  const { rows } = await store.read(`SELECT _seq, ${traceId}, ${spanId} FROM spans`);
  const idOf = new Map(rows.map(([seq, ...ids]) => [seq, ids.join(' ')]));
  const bySql = new Set(found.map(([seq, isSaid]) => `${idOf.get(seq)} ${isSaid}`));
  const { trees } = await readTrees(store, [...new Set(stored.flatMap(({ traceId }) => traceId ?? []))]);
  const models = trees.map(([id, tree]) => buildModel(outlineTree(id, tree)));
  t.equal(models.length, TRACES);
  const byModel = models.flatMap((model) =>
    originsOf(model).map(({ index, isSaid }) => `${model.traceId} ${model.spanId(index)} ${isSaid}`),
  );
  const inBoth = new Set(byModel.filter((each) => bySql.has(each)));
  t.same(
    [...byModel, ...bySql].filter((each) => !inBoth.has(each)),
    [],
  );
  for (const isSaid of [true, false])
    t.ok(byModel.filter((each) => each.endsWith(` ${isSaid}`)).length > TRACES / 10, `some with ${isSaid}`);
  const elsewhere = models.filter((model) =>
    model.errors.some((index) => model.error[originOf(model, index)] !== 1),
  );
  t.same(
    elsewhere.map((model) => model.traceId),
    [],
    'each failure began at a failed span',
  );
});

t.test('the error of each span began at one of the origins of its trace', async (t) => {
  const failed = { error: true };
  const nameOf = (spans: Parameters<typeof modelOf>[0]) => {
    const model = modelOf(spans);
    return model.errors.map((index) => model.name(originOf(model, index))).join();
  };
  const root = server('root', '', 0, 100, failed);
  const said = (message: string) => ({ ...failed, statusMessage: message });
  t.equal(
    nameOf([root, span('load', 'root', 1, 90, failed), span('row', 'load', 2, 50, said('locked'))]),
    'row,row,row',
  );
  t.equal(
    nameOf([server('root', '', 0, 100, said('no ads')), client('GET', 'root', 1, 90, failed)]),
    'root,root',
    'nobody below says more',
  );
  t.equal(
    nameOf([root, span('cache', 'root', 1, 20), span('miss', 'cache', 2, 10, said('miss'))]),
    'miss,miss',
    'below a success, where the failure itself says nothing',
  );
  t.equal(
    nameOf([
      server('root', '', 0, 100, said('full')),
      span('cache', 'root', 1, 20),
      span('miss', 'cache', 2, 10, said('miss')),
    ]),
    'root,miss',
    'a failure that says why began where it says so',
  );
  const tried = [
    client('first', 'root', 1, 20, { ...failed, name: 'GET' }),
    client('again', 'root', 21, 40, { name: 'GET' }),
  ];
  t.equal(nameOf([root, ...tried]), 'root,GET', 'a try before a success explains nothing');
  t.equal(
    nameOf([client('call', '', 0, 100, { ...failed, statusCode: '404' }), server('served', 'call', 1, 90)]),
    'call',
    'a refusal is no origin, and is told for itself',
  );
});
