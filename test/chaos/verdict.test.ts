import t from 'tap';
import type { Outcome, Phase } from '../../scripts/lib/chaos/experiment.ts';
import type { Fault } from '../../scripts/lib/chaos/fault.ts';
import type { SeenSpan } from '../../scripts/lib/chaos/ledger.ts';
import { judge } from '../../scripts/lib/chaos/verdict.ts';

const FAULT: Fault = {
  name: 'some-fault',
  what: 'something goes wrong',
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

t.test('what is not documented is named however few got it, and breaks the promise', async (t) => {
  const odd = judge(FAULT, { ...WELL, during: phase({ 200: 59, 500: 1 }) });
  t.match(odd.callers, 'reads: 200, 500; writes: 201');
  t.same(odd.broken, ['1 callers got: 500']);
  const degraded = judge(FAULT, { ...WELL, during: phase({ 200: 59, '200 degraded': 1 }) });
  t.match(degraded.callers, 'reads: 200; writes: 201');
  t.same(degraded.broken, []);
});

t.test('what a fault explains breaks nothing, and what comes at times is said as such', async (t) => {
  const fault: Fault = { ...FAULT, explains: ['no connection'], atTimes: ['cut off'] };
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
    'requests failed 6.0 s after it was over',
    'spans came 7.0 s after it was over',
    '7 of 500 spans are lost',
    '1 spans have no parent',
  ]);
  t.equal(verdict.lost, 'SPANS');
  const refused: Fault = { ...FAULT, loses: 'what is refused' };
  t.same(judge(refused, { ...WELL, missing: 9, counted: 9 }).broken, []);
  t.same(judge(refused, { ...WELL, missing: 9, counted: 8 }).broken, [
    '9 spans are lost, of which /metrics counts 8',
  ]);
});

t.test('the usual error of a span is named, with its type where nearly all have the same', async (t) => {
  const failed = { error: 'ECONNREFUSED', exceptions: ['ECONNREFUSED'] };
  const of = (all: SeenSpan[]) => judge(FAULT, { ...WELL, spans: all }).trace;
  t.equal(
    of(spans(10, failed)),
    '`GET /api/users` is Error (`ECONNREFUSED`, with its exception); no orphans',
  );
  t.equal(
    of([...spans(5, { error: 'timeout' }), ...spans(5, { error: 'ECONNREFUSED' })]),
    '`GET /api/users` is Error; no orphans',
  );
  t.equal(of([...spans(10, {}), ...spans(2, failed)]), 'as always; no orphans');
  const page = { ...failed, name: 'activities-api GET /api/activities/home SERVER', kind: 'SERVER' };
  t.equal(of(spans(9, page)), '`GET /api/activities/home` is Error (with its exception); no orphans');
  t.equal(
    of(spans(9, { ...failed, name: 'activities-api SELECT activities CLIENT' })),
    'as always; no orphans',
  );
});

t.test('p99 moved: the usual one with a fault is above all without', async (t) => {
  const slices = (faulty: number[]) => [
    ...[20, 30, 25].map((p99) => ({ isFaulty: false, p99 })),
    ...faulty.map((p99) => ({ isFaulty: true, p99 })),
  ];
  t.match(judge(FAULT, { ...WELL, slices: slices([20, 28, 900]) }).callers, /p99 within noise$/);
  t.match(judge(FAULT, { ...WELL, slices: slices([40, 31, 20]) }).broken, [/^p99 went to/]);
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
  const faulty = { ...busy, before: WELL.before, spansBefore: spans(50, {}) };
  t.equal(judge(FAULT, faulty).callers, 'reads: 200, 200 degraded; writes: 201');
  t.equal(
    judge(FAULT, faulty).trace,
    '`GET /api/users` is Error (`timeout`); `app.degraded_reason`: timeout; no orphans',
  );
});
