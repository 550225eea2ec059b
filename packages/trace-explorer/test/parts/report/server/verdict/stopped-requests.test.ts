import t from 'tap';
import type { Verdict } from '../../../../../src/parts/report/server/verdict/schemas.ts';
import { at, temporaryExplorer } from '../../../../explorer.ts';
import type { PlainSpan } from '../../../../spans.ts';
import { randomId, storeSpans } from '../../../../spans.ts';

/** When the command was stopped, in milliseconds of the test's clock, and in seconds since the epoch. */
const STOPPED_MS = 60_000;
const STOPPED = Number(at(STOPPED_MS)) / 1e9;

interface Parts {
  readonly run?: string;
  readonly from: number;
  readonly until: number;
  readonly kind?: number;
  readonly why?: string;
  readonly call?: boolean;
}

/** A span that ended with its process, and the call in it that did too. */
function open(
  name: string,
  { run = 'now', from, until, kind = 2, why = 'process_ended', call }: Parts,
): PlainSpan[] {
  const [traceId, spanId] = [randomId(16), randomId(8)];
  const base = { traceId, service: 'shop', resource: { 'tandem.run.id': run }, durationMs: until - from };
  const ended = { status: 2 as const, start: at(from) };
  const attributes = { 'error.type': why, 'tandem.process_ended': true };
  return [
    { ...base, ...ended, spanId, name, kind, attributes },
    ...(call
      ? [
          {
            ...base,
            ...ended,
            parentSpanId: spanId,
            name: 'GET',
            kind: 3,
            attributes: { ...attributes, 'url.full': 'http://stock.example/a' },
          },
        ]
      : []),
  ];
}

function answered(name: string, from: number, run = 'now'): PlainSpan[] {
  const base = { traceId: randomId(16), spanId: randomId(8), service: 'shop', name, kind: 2 };
  return [
    {
      ...base,
      resource: { 'tandem.run.id': run },
      start: at(from),
      durationMs: 20,
      attributes: { 'http.response.status_code': 200 },
    },
  ];
}

async function verdictOf(spans: readonly PlainSpan[], query: string): Promise<Verdict> {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, spans);
  const { status, body } = await get(`/api/verdict?${query}`);
  t.equal(status, 200, JSON.stringify(body));
  return body;
}

const EVENTS = { from: 10_000, until: STOPPED_MS + 30 };

t.test('a request that was open when the command was stopped neither failed nor was slow', async (t) => {
  const spans = [
    ...answered('GET /', 1_000),
    ...answered('GET /', 2_000),
    ...open('GET /events', EVENTS),
    ...open('GET /orders', { ...EVENTS, call: true }),
    ...open('send mail', { ...EVENTS, kind: 5 }),
    ...open('nightly', { ...EVENTS, kind: 1 }),
  ];
  const stopped = await verdictOf(spans, `run=now&stopped=${STOPPED}`);
  t.match(stopped, { requests: 4, messages: 1, failed: 0, causes: [] });
  t.same(
    stopped.routes?.map(({ route }) => route),
    ['GET /'],
  );
  const without = await verdictOf(spans, 'run=now');
  t.equal(without.failed, 4, 'nobody stopped it: they are errors');
  t.not(without.causes.length, 0);
});

t.test('a request that ended before, or with an error of its own, failed', async (t) => {
  const spans = [
    ...open('GET /crash', { from: 10_000, until: 40_000 }),
    ...open('GET /thrown', { ...EVENTS, why: 'TypeError' }),
    ...open('GET /events', EVENTS),
  ];
  t.match(await verdictOf(spans, `run=now&stopped=${STOPPED}`), { requests: 3, failed: 2 });
});

t.test('a call of a script that was open then did not fail either', async (t) => {
  const spans = open('GET', { ...EVENTS, kind: 3 });
  t.match(await verdictOf(spans, `run=now&stopped=${STOPPED}`), { calls: { made: 1, failed: 0 } });
  t.match(await verdictOf(spans, 'run=now'), { calls: { made: 1, failed: 1 } });
});

t.test('what the last run had open when it was stopped is not gone in this one', async (t) => {
  const streams = (run: string) => [0, 1, 2].flatMap(() => open('GET /events', { ...EVENTS, run }));
  const spans = [...streams('last'), ...streams('now')];
  const query = `run=now&stopped=${STOPPED}&last=last`;
  t.match(await verdictOf(spans, `${query}&last_stopped=${STOPPED}`), { gone: [], causes: [] });
});
