import t from 'tap';
import { at, temporaryExplorer } from '../../../explorer.ts';
import type { PlainSpan } from '../../../spans.ts';
import { randomId, storeSpans } from '../../../spans.ts';

/** The square of a sum by the sum of the squares. */
function effectiveOf(adds: readonly number[]): number {
  const sum = (numbers: readonly number[]) => numbers.reduce((all, each) => all + each, 0);
  return sum(adds) ** 2 / sum(adds.map((each) => each * each));
}

t.test(
  'of groups with many sampled traces it is known how much they say, where one has most of it too',
  async (t) => {
    const { app, store } = await temporaryExplorer(t);
    const adds: Record<string, number[]> = { even: [], uneven: [] };
    const spans: PlainSpan[] = [];
    const add = (name: string, count: number, rate: number) => {
      const traceId = randomId(16);
      for (let n = 0; n < count; n++)
        spans.push({ traceId, name, start: at(n), attributes: { SampleRate: rate } });
      adds[name]?.push(count * rate);
    };
    for (let trace = 0; trace < 3000; trace++) {
      add('even', 1 + (trace % 4), trace % 3 === 0 ? 40 : 10);
      add('uneven', 1, 10);
    }
    add('uneven', 4000, 10);
    await storeSpans(store, spans);
    const post = async (url: string, payload: object) =>
      (await app.inject({ method: 'POST', url, payload })).json();
    const spec = { calculations: [{ op: 'COUNT' }], breakdowns: ['name'], time_range: 3600 };
    const { id } = await post('/1/queries/__all__', spec);
    const { results } = (await post('/1/query_results/__all__', { query_id: id })).data;
    t.equal(results.length, 2);
    for (const { data, effective } of results) {
      const truth = effectiveOf(adds[data.name] ?? []);
      t.ok(
        Math.abs(effective.COUNT / truth - 1) < 1e-9,
        `${data.name}: ${effective.COUNT}, exactly ${truth}`,
      );
    }
  },
);
