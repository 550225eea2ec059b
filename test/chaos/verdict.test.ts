import t from 'tap';
import type { Outcome } from './experiment.ts';
import type { Fault, Promised } from './fault.ts';
import { UNNOTICED } from './fault.ts';
import { judge } from './verdict.ts';

const WELL: Outcome = {
  reads: counts({ 200: 60 }),
  writes: counts({ 201: 20 }),
  others: counts({ 200: 60, 201: 20 }),
  p50: 5,
  p99: 20,
  shown: counts({}),
  recoveredMs: 0,
  deliveredMs: 0,
  expected: 500,
  missing: 0,
  excused: 0,
  counted: 0,
  twice: 0,
  orphans: 0,
  remarks: [],
};

function counts(of: Record<string, number>): Map<string, number> {
  return new Map(Object.entries(of));
}

/** The broken parts of a promise and an outcome. The arguments say where the two differ from UNNOTICED and WELL. */
function broken(promised: Partial<Promised>, outcome: Partial<Outcome>): string[] {
  const fault: Fault = {
    name: 'some-fault',
    what: 'something goes wrong',
    promised: { ...UNNOTICED, ...promised },
    cause: { inject() {}, mend() {} },
  };
  return judge(fault, { ...WELL, ...outcome });
}

t.test('a kept promise: nothing is broken', async (t) => {
  t.same(broken({}, {}), []);
});

t.test('an undocumented answer is named, at any time', async (t) => {
  const shown = counts({ 'GET /api/activities/home INTERNAL': 1 });
  t.same(broken({}, { reads: counts({ 200: 60, 500: 1 }), shown }), ['1 callers got: 500']);
  t.same(broken({}, { others: counts({ 200: 60, 500: 2 }) }), ['2 callers got: 500']);
});

t.test('documented answers that are not promised may come in less than half of the cases', async (t) => {
  t.same(broken({}, { reads: counts({ 200: 31, '200 degraded': 29 }) }), []);
  t.same(broken({}, { reads: counts({ 200: 29, '200 degraded': 31 }) }), [
    'most reads got something else than: 200',
  ]);
});

t.test('a promised answer that never came breaks the promise', async (t) => {
  const promised = { writes: ['201', '503 with Retry-After'] };
  const shown = counts({ 'POST /api/activities ERR_SQLITE_ERROR': 1 });
  t.same(broken(promised, { writes: counts({ 201: 19, '503 with Retry-After': 1 }), shown }), []);
  t.same(broken(promised, {}), ['no writes got: 503 with Retry-After']);
});

t.test('a 5xx whose span is no Error is named', async (t) => {
  const shown = counts({ 'GET /api/users 503': 4, 'GET /api/activities/home ECONNRESET': 1 });
  t.same(broken({}, { reads: counts({ 200: 60, '503 with Retry-After': 2 }), shown }), [
    '2 answers of 5xx are 1 Errors',
  ]);
});

t.test('an answer that is documented as possible breaks no promise', async (t) => {
  const promised = { reads: ['no connection'], atTimes: ['cut off'] };
  t.same(broken(promised, { reads: counts({ 'no connection': 3, 'cut off': 9 }) }), []);
});

t.test('an error that the trace should show and does not is named', async (t) => {
  const promised = { shows: ['GET /api/users ECONNREFUSED', 'app.degraded_reason unreachable'] };
  t.same(broken(promised, { shown: counts({ 'GET /api/users ECONNREFUSED': 1 }) }), [
    'no span shows: app.degraded_reason unreachable',
  ]);
});

t.test('lost spans, orphans and late spans break the promise', async (t) => {
  t.same(broken({}, { missing: 9, excused: 2, orphans: 1, recoveredMs: 6000, deliveredMs: 7000 }), [
    '7 of 500 spans are lost',
    '1 spans have no parent',
    'requests failed 6.0 s after its end',
    'spans came 7.0 s after its end',
  ]);
});

t.test('refused spans that the services do not count are lost', async (t) => {
  const loses = 'refused spans';
  t.same(broken({ loses }, { missing: 9, counted: 9, orphans: 3 }), []);
  t.same(broken({ loses }, { missing: 9, counted: 8 }), ['9 spans are lost, of which /metrics counts 8']);
  t.same(broken({ loses }, {}), ['the backend refused no span']);
});
