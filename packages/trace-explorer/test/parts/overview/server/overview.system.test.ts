import t from 'tap';
import type { Overview } from '../../../../src/parts/overview/server/schemas.ts';
import {
  demoTraces,
  FAILING_SERVICE,
  SLOW_DATABASE,
  SLOW_USER,
} from '../../../../testing/demo-data/index.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { storeSpans } from '../../../spans.ts';

t.test('the overview of the demo data names the slow user, the slow database and what fails', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const traces = [...demoTraces({ spans: 6000, services: 120, small: true })].map((trace) => trace.spans);
  const spans = traces.flat();
  await storeSpans(store, spans);
  const { status, body } = await get('/api/overview?time_range=4000');
  t.equal(status, 200);
  const overview = body as Overview;
  // One of the traces has no root: its first span is where it enters.
  const requests = traces.flatMap((trace) => {
    const entry = trace.find(({ parentSpanId }) => parentSpanId === undefined) ?? trace[0];
    return trace.filter((each) => each === entry || each.kind === 2 || each.parentSpanId === undefined);
  });
  t.equal(overview.requests.count, requests.length);
  t.equal(overview.requests.errors, requests.filter((each) => each.status === 2).length);
  t.equal(
    overview.routes.reduce((sum, route) => sum + route.count, 0),
    requests.length,
    'every request is of one route',
  );
  t.ok(
    overview.routes.every(({ slow_ms }, i) => i === 0 || slow_ms <= (overview.routes[i - 1]?.slow_ms ?? 0)),
  );
  t.equal(overview.user_field, 'user.id');
  t.equal(overview.users[0]?.user, SLOW_USER);
  t.ok((overview.users[0]?.p50_ms ?? 0) > 4 * overview.requests.p50_ms);
  t.match(overview.dependencies[0], {
    name: `${SLOW_DATABASE.system} ${SLOW_DATABASE.namespace}`,
    fields: [
      { field: 'db.system.name', value: SLOW_DATABASE.system },
      { field: 'db.namespace', value: SLOW_DATABASE.namespace },
    ],
  });
  const [worst] = overview.routes.toSorted((a, b) => b.errors - a.errors);
  t.equal(worst?.service, FAILING_SERVICE);
});
