import t from 'tap';
import type { RunReport } from '../../../../src/parts/report/server/schemas.ts';
import { at, temporaryExplorer } from '../../../explorer.ts';
import { randomId, storeSpans } from '../../../spans.ts';

/** A test in a trace of so many spans. */
function testOf(run: string, name: string, spans: number) {
  const [traceId, spanId] = [randomId(16), randomId(8)];
  const resource = { 'tandem.run.id': run };
  const attributes = { 'test.case.name': name, 'code.file.path': 'large.test.js' };
  const below = { traceId, resource, start: at(0), end: at(1) };
  return [
    { ...below, spanId, name, attributes },
    ...Array.from({ length: spans - 1 }, () => ({ ...below, parentSpanId: spanId, name: 'work' })),
  ];
}

t.test(
  'traces that are together too large for one read are read in parts, and none is left out',
  async (t) => {
    const { store, get } = await temporaryExplorer(t);
    const tests = Array.from({ length: 210 }, (_, index) => testOf('many', `test ${index}`, 110));
    await storeSpans(store, tests.flat());
    await storeSpans(store, testOf('large', 'of a large trace', 20_001));
    const many: RunReport = (await get('/api/report?run=many')).body;
    t.match(many, { tests: 210, truncated: false });
    const large: RunReport = (await get('/api/report?run=large')).body;
    t.match(large, { truncated: true }, 'a trace that is too large by itself is said');
  },
);
