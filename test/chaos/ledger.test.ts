import type { ReceivedSpan } from '@tandem/otlp/testing';
import t from 'tap';
import { Ledger, spansProvenBy } from './ledger.ts';

const HOME = 'GET /api/activities/home';

/** The spans that an answer proves, below each other, the first below the caller's. */
function spansOf(traceId: string, answer = '200'): ReceivedSpan[] {
  return spansProvenBy({ route: HOME, answer }).map((each, index) => {
    const [service = '', ...name] = each.split(' ');
    const kind = name.pop() ?? '';
    return {
      traceId,
      spanId: `${traceId}.${index}`,
      parentSpanId: index === 0 ? 'caller' : `${traceId}.${index - 1}`,
      parentIsRemote: index === 0,
      name: name.join(' '),
      kind,
      service,
      attributes: {},
      resource: {},
      status: 0,
      statusMessage: '',
      events: [],
      start: 1n,
      end: 2n,
    };
  });
}

function asked(traceId: string, endedAt: number, answer = '200') {
  return { route: HOME, traceId, sentAt: endedAt - 5, endedAt, answer };
}

t.test(
  'an answer proves spans: a whole page seven, one without names four, a refusal one, an untraced refusal none',
  async (t) => {
    t.same(
      ['200', '200 degraded', '503 with Retry-After', '503 untraced', 'no connection'].map(
        (answer) => spansProvenBy({ route: HOME, answer }).length,
      ),
      [7, 4, 1, 0, 0],
    );
  },
);

t.test(
  'spans that do not come are missing, and those of the last 500 ms before a kill excused',
  async (t) => {
    const ledger = new Ledger();
    for (const [id, at] of [
      ['whole', 1000],
      ['long before', 1400],
      ['shortly before', 1600],
    ] as const)
      ledger.asked.push(asked(id, at));
    ledger.received(spansOf('whole'));
    ledger.received(spansOf('whole').slice(0, 1));
    ledger.killed(2000);
    t.equal(ledger.expected, 21);
    t.same(ledger.missing(), { count: 14, excused: 7 });
    t.equal(ledger.twice, 1);
  },
);

t.test('an acknowledged span of another sender must come, too, and a kill excuses none', async (t) => {
  const ledger = new Ledger();
  const [come, gone] = spansOf('others') as [ReceivedSpan, ReceivedSpan];
  ledger.acknowledged(come);
  ledger.acknowledged(gone);
  ledger.received([come]);
  ledger.killed(performance.now());
  t.equal(ledger.expected, 2);
  t.same(ledger.missing(), { count: 1, excused: 0 });
});

t.test('a span without its parent is an orphan', async (t) => {
  const ledger = new Ledger();
  ledger.asked.push(asked('a', 1000));
  ledger.received(
    spansOf('a').map((span) => (span.spanId === 'a.3' ? { ...span, parentSpanId: 'x' } : span)),
  );
  t.equal(ledger.orphans(), 1);
  t.equal(ledger.expected, 7);
  t.same(ledger.missing(), { count: 0, excused: 0 });
});
