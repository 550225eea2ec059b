import t from 'tap';
import type { Outcome, Phase } from '../../scripts/lib/chaos/experiment.ts';
import type { Fault } from '../../scripts/lib/chaos/fault.ts';
import { SPANS, UNNOTICED } from '../../scripts/lib/chaos/fault.ts';
import type { SeenSpan } from '../../scripts/lib/chaos/ledger.ts';
import { judge, wasBusy } from '../../scripts/lib/chaos/verdict.ts';

const FAULT: Fault = {
  name: 'some-fault',
  what: 'something goes wrong',
  promised: UNNOTICED,
  recoversWithin: 5,
  deliversWithin: 5,
  loses: 'nothing',
  inject() {},
  mend() {},
};

function phase(reads: Record<string, number>, writes: Record<string, number> = { 201: 20 }): Phase {
  return { reads: new Map(Object.entries(reads)), writes: new Map(Object.entries(writes)), p50: 5, p99: 20 };
}

const WELL: Outcome = {
  before: phase({ 200: 60 }),
  during: phase({ 200: 60 }),
  after: phase({ 200: 60 }),
  slices: [],
  spans: [],
  spansBefore: [],
  recoveredMs: 0,
  deliveredMs: 0,
  expected: 500,
  missing: 0,
  excused: 0,
  counted: 0,
  twice: 0,
  orphans: 0,
  memoryBefore: 1e8,
  memoryPeak: 1e8,
  memoryAfter: 1e8,
  remarks: [],
};

function spans(count: number, span: Partial<SeenSpan>): SeenSpan[] {
  return Array.from({ length: count }, (_, index) => ({
    spanId: String(index),
    parentSpanId: 'p',
    name: 'activities-api GET /api/users CLIENT',
    kind: 'CLIENT',
    service: 'activities-api',
    error: undefined,
    exceptions: [],
    degradedBy: undefined,
    ...span,
  }));
}

t.test('what is not documented breaks the promise however few got it', async (t) => {
  const odd = judge(FAULT, { ...WELL, during: phase({ 200: 59, 500: 1 }) });
  t.same(odd.broken, ['1 callers got: 500']);
  t.equal(odd.callers, 'NOT AS PROMISED: 1 callers got: 500');
});

t.test('what is documented but not promised may be there, less often than not', async (t) => {
  const few = judge(FAULT, { ...WELL, during: phase({ 200: 31, '200 degraded': 29 }) });
  t.equal(few.callers, 'reads: 200; writes: 201');
  t.same(few.broken, []);
  const many = judge(FAULT, { ...WELL, during: phase({ 200: 29, '200 degraded': 31 }) });
  t.same(many.broken, ['most reads got something else than: 200']);
});

t.test('each answer that is promised has to be seen', async (t) => {
  const promised = { reads: ['200'], writes: ['201', '503 with Retry-After'] };
  const both = { ...WELL, during: phase({ 200: 60 }, { 201: 19, '503 with Retry-After': 1 }) };
  t.equal(judge({ ...FAULT, promised }, both).callers, 'reads: 200; writes: 201, 503 with Retry-After');
  t.same(judge({ ...FAULT, promised }, WELL).broken, ['no writes got: 503 with Retry-After']);
});

t.test('what a fault explains breaks nothing, and what comes at times is said as such', async (t) => {
  const fault: Fault = {
    ...FAULT,
    promised: { reads: ['no connection'], writes: ['201'] },
    atTimes: ['cut off'],
  };
  const verdict = judge(fault, { ...WELL, during: phase({ 'no connection': 3, 'cut off': 9 }) });
  t.equal(verdict.callers, 'reads: no connection; writes: 201; at times: cut off');
  t.same(verdict.broken, []);
});

t.test('spans that are lost, orphans, and what comes late', async (t) => {
  const verdict = judge(FAULT, {
    ...WELL,
    missing: 9,
    excused: 2,
    orphans: 1,
    recoveredMs: 6000,
    deliveredMs: 7000,
  });
  t.same(verdict.broken, [
    '1 spans have no parent',
    '7 of 500 spans are lost',
    'requests failed 6.0 s after it was over',
    'spans came 7.0 s after it was over',
  ]);
  t.equal(verdict.lost, 'NOT AS PROMISED: 7 of 500 spans are lost');
  t.equal(verdict.trace, 'NOT AS PROMISED: 1 spans have no parent');
  const refused: Fault = { ...FAULT, loses: 'what is refused' };
  t.same(judge(refused, { ...WELL, missing: 9, counted: 9 }).broken, []);
  t.same(judge(refused, { ...WELL, missing: 9, counted: 8 }).broken, [
    '9 spans are lost, of which /metrics counts 8',
  ]);
});

t.test(
  'errors: each that is promised is seen, with its type and its exception; no other is usual',
  async (t) => {
    const failed = { error: 'ECONNREFUSED', exceptions: ['ECONNREFUSED'] };
    const promised = {
      ...UNNOTICED,
      errors: [{ span: SPANS.users, type: 'ECONNREFUSED', hasException: true }],
    };
    const words = '`GET /api/users` is Error (`ECONNREFUSED`, with its exception)';
    const of = (all: SeenSpan[]) => judge({ ...FAULT, promised }, { ...WELL, spans: all }).trace;
    t.equal(of(spans(1, failed)), `${words}; no orphans`);
    t.equal(of([...spans(9, { error: 'timeout' }), ...spans(1, failed)]), `${words}; no orphans`);
    for (const other of [{}, { error: 'timeout', exceptions: ['t'] }, { error: 'ECONNREFUSED' }])
      t.equal(of(spans(10, other)), `NOT AS PROMISED: no span: ${words}`);
    const pages = spans(9, { ...failed, name: SPANS.home, kind: 'SERVER' });
    t.match(of([...spans(1, failed), ...pages]), /: most spans of `GET \/api\/activities\/home` are Errors$/);
    const selects = spans(9, { ...failed, name: 'activities-api SELECT activities CLIENT' });
    t.equal(of([...spans(1, failed), ...selects]), `${words}; no orphans`);
  },
);

t.test('reasons for pages without names: each that is promised is seen, and no other is usual', async (t) => {
  const promised = { ...UNNOTICED, reasons: ['timeout', 'circuit_open'] };
  const page = { name: SPANS.home, kind: 'SERVER' };
  const of = (...reasons: string[]) =>
    judge(
      { ...FAULT, promised },
      { ...WELL, spans: reasons.flatMap((degradedBy) => spans(3, { ...page, degradedBy })) },
    ).broken;
  t.same(of('timeout', 'circuit_open', 'http_503'), []);
  t.same(of('circuit_open'), ['no page has the reason timeout']);
  t.same(of('timeout', 'circuit_open', 'a', 'b', 'c'), ['most pages had no names for another reason']);
});

t.test('p99 moved: the usual one with a fault is above all without', async (t) => {
  const slices = (faulty: number[]) => [
    ...[20, 30, 25].map((p99) => ({ isFaulty: false, p99 })),
    ...faulty.map((p99) => ({ isFaulty: true, p99 })),
  ];
  t.same(judge(FAULT, { ...WELL, slices: slices([20, 28, 900]) }).broken, []);
  t.same(judge(FAULT, { ...WELL, slices: slices([40, 31, 20]) }).broken, [
    'p99 of a slice with a fault is 31 ms (median), without 30 ms at most',
  ]);
  t.match(judge({ ...FAULT, alternates: [FAULT] }, WELL).callers, /; p99 as in the slices without a fault/);
});

t.test('what a busy machine does before the fault, too, is no word of it', async (t) => {
  const slow = { 200: 41, '200 degraded': 21 };
  const page = { name: 'activities-api GET /api/activities/home SERVER', kind: 'SERVER' };
  const seen = [
    ...spans(40, page),
    ...spans(20, { ...page, degradedBy: 'timeout' }),
    ...spans(20, { error: 'timeout' }),
    ...spans(30, {}),
  ];
  const busy = { ...WELL, before: phase(slow), during: phase(slow), spans: seen, spansBefore: seen };
  t.equal(judge(FAULT, busy).callers, 'reads: 200; writes: 201');
  t.equal(judge(FAULT, busy).trace, 'as always; no orphans');
  t.ok(wasBusy(busy));
  t.notOk(wasBusy(WELL));
  t.ok(wasBusy({ ...WELL, before: { ...WELL.before, p99: 800 } }));
});
