import type { Attributes, HrTime } from '@opentelemetry/api';
import t from 'tap';
import { RecentStalls } from '../../../src/features/waits/recent-stalls.ts';
import type { Shares, Stall } from '../../../src/features/waits/stall.ts';
import { sharesOf, writeBefore } from '../../../src/features/waits/stall.ts';
import type { Span } from '../../../src/road/spans/engine.ts';

const stall = (start: number, end: number, shares: Shares = {}): Stall => ({
  start,
  end,
  ms: end - start,
  kind: 'ran',
  gcMs: 0,
  beside: new Set(),
  within: new Set(),
  amend: [],
  ...shares,
});

/** What stalls write to a span between two times. */
function written(stalls: RecentStalls, start: number, end: number) {
  const events: { name: string; time: number; attributes: Attributes }[] = [];
  const attributes: Attributes = {};
  const span = {
    attributes,
    events,
    addEvent: (name: string, attributes: Attributes, time: HrTime | number) =>
      events.push({ name, attributes, time: Number(time) }),
    setAttribute: (name: string, value: number) => Object.assign(attributes, { [name]: value }),
  };
  stalls.writeTo(span as unknown as Span, start, end);
  return { stalledMs: attributes['tandem.stalled_ms'], at: events.map(({ time }) => time), events };
}

t.test('a stall that is told after its successor hides neither of them', async (t) => {
  const stalls = new RecentStalls();
  stalls.add(stall(0, 100));
  stalls.add(stall(300, 400));
  stalls.add(stall(150, 250)); // by setImmediate
  t.equal(stalls.last?.start, 300);
  t.match(written(stalls, 350, 500), { stalledMs: 50, at: [300] });
  t.match(written(stalls, 200, 500), { stalledMs: 150, at: [150, 300] });
  t.match(written(stalls, 0, 500), { stalledMs: 300, at: [0, 150, 300] });
  t.match(written(stalls, 410, 500), { stalledMs: undefined, at: [] });
});

t.test(
  'what the process did in the turn of asking is no wait, and later stalls take nothing from one',
  async (t) => {
    const stalls = new RecentStalls();
    stalls.add(stall(0, 100));
    stalls.add(stall(200, 300));
    t.equal(stalls.stalledFrom(20, 150), 80);
    t.equal(stalls.stalledFrom(20, 60), 40, 'has its connection in that turn');
    t.equal(stalls.stalledFrom(-5, 250), 100, 'when a stall began is not known exactly');
    t.equal(stalls.stalledFrom(110, 350), 0, 'stood still while it waited');
    t.equal(stalls.stalledFrom(310, 350), 0);
  },
);

t.test('a stall that goes on ends after all others', async (t) => {
  const stalls = new RecentStalls();
  const current = stall(0, 50);
  stalls.add(current);
  stalls.add(stall(60, 60));
  stalls.prolong(current, 90);
  t.equal(stalls.last, current);
  t.match(written(stalls, 70, 100), { stalledMs: 20, at: [0] });
});

t.test('of many stalls the last ones are known', async (t) => {
  const stalls = new RecentStalls();
  for (let at = 0; at < 1_000; at++) stalls.add(stall(at * 10, at * 10 + 5));
  t.match(written(stalls, 0, 20_000), { stalledMs: 256 * 5 });
});

t.test('what the thread did in a stall is never more than the stall', async (t) => {
  const shares = (ran: number, waited: number | undefined, ms: number) =>
    sharesOf({ ran: 1000, waited: waited && 500 }, { ran: 1000 + ran, waited: waited && 500 + waited }, ms);
  t.same(shares(70, 20, 100), { ranMs: 70, waitedMs: 20 });
  t.same(shares(115, 4, 100), { ranMs: 100, waitedMs: 0 }, 'it ran before the stall, too');
  t.same(shares(10, 120, 100), { ranMs: 10, waitedMs: 90 });
  t.same(shares(70, undefined, 100), { ranMs: 70, waitedMs: undefined }, 'a system that tells no waits');
  t.same(sharesOf({ ran: 0, waited: undefined }, { ran: 70, waited: 9 }, 100), {
    ranMs: 70,
    waitedMs: undefined,
  });
  t.same(
    sharesOf({ ran: 0, waited: undefined }, { ran: 70, waited: undefined, isOfProcess: true }, 100),
    {},
    'of a process nobody knows which thread it was',
  );
});

t.test('an event, and a request that had waited, say what the thread did', async (t) => {
  const stalls = new RecentStalls();
  const told = stall(0, 100, { ranMs: 61.26, waitedMs: 30 });
  stalls.add(told);
  t.match(written(stalls, 0, 100).events, [
    { attributes: { 'tandem.stall.ran_ms': 61.3, 'tandem.stall.waited_ms': 30 } },
  ]);
  const attributes: Attributes = {};
  const span = { attributes } as Span;
  writeBefore({ span, answeredAt: Number.NEGATIVE_INFINITY }, told);
  t.same(attributes, {
    'tandem.stalled_before_ms': 100,
    'tandem.stalled_before.kind': 'ran',
    'tandem.stalled_before.ran_ms': 61.3,
    'tandem.stalled_before.waited_ms': 30,
  });
  const later: Attributes = {};
  writeBefore({ span: { attributes: later } as Span, answeredAt: 50 }, told);
  t.same(later, {}, 'its connection had an answer in the stall');
  const unknown = stall(0, 100);
  stalls.add(unknown);
  t.notMatch(Object.keys(written(stalls, 0, 100).events[1]?.attributes ?? {}), ['tandem.stall.ran_ms']);
});

t.test('a request that began and ended in the stall is named on spans of others', async (t) => {
  /** An ended SERVER span of so many milliseconds. */
  const request = (name: string, ms: number, path = '') =>
    ({
      ...{ name, startTime: [7, 0], endTime: [7, ms * 1e6], isRecording: () => false },
      attributes: { 'url.path': path },
    }) as unknown as Span;
  const named = (stalled: Stall, span = {} as Span) => {
    const stalls = new RecentStalls();
    stalls.add(stalled);
    const [event] = written(stalls, 0, 100).events;
    const attributes: Attributes = {};
    writeBefore({ span: { ...span, attributes } as Span, answeredAt: Number.NEGATIVE_INFINITY }, stalled);
    return [event?.attributes ?? {}, attributes].flatMap((each) =>
      Object.entries(each).flatMap(([key, value]) => (/[.]request/.test(key) ? `${key}=${value}` : [])),
    );
  };
  const of = (...requests: readonly Span[]) => ({ ...stall(0, 100), within: new Set(requests) });
  t.same(named(of(request('POST /login', 95))), [
    'tandem.stall.request=POST /login',
    'tandem.stalled_before.request=POST /login',
  ]);
  t.same(named(of(request('POST', 95, '/users/7/login'))), [
    'tandem.stall.request=POST',
    'tandem.stall.request_path=/users/:id/login',
    'tandem.stalled_before.request=POST',
    'tandem.stalled_before.request_path=/users/:id/login',
  ]);
  t.same(named(of()), [], 'none');
  t.same(named(of(request('POST /login', 60))), [], 'a part of the stall alone');
  t.same(named(of(request('POST /login', 95), request('GET /', 30))), [], 'one of two');
});
