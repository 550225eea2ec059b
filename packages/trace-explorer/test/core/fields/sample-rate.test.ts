import { decodeTraces } from '@tandem/otlp';
import t from 'tap';
import { mapSpans } from '../../../src/core/fields/map-spans.ts';
import { thresholdRate } from '../../../src/core/fields/sample-rate.ts';
import type { PlainSpan } from '../../spans.ts';
import { decoded, randomId } from '../../spans.ts';
import type { Row } from './collect-rows.ts';
import { collectRows } from './collect-rows.ts';

const NOW = 1_800_000_000_000_000_000n;

function rowsOf(span: PlainSpan): Row[] {
  return collectRows((sink) => {
    for (const group of decoded([{ start: NOW, traceId: '1'.repeat(32), spanId: '2'.repeat(16), ...span }])
      .scopeSpans) {
      mapSpans(group, NOW, sink);
    }
  });
}

/** The rate of a span whose scope has a rate, and whose resource has another. */
function rateOfScope(): number | undefined {
  const rate = (key: string, intValue: number) => [{ key, value: { intValue } }];
  const scopeSpans = [
    {
      scope: { attributes: rate('sampleRate', 3) },
      spans: [{ traceId: '1'.repeat(32), spanId: '2'.repeat(16) }],
    },
  ];
  const body = JSON.stringify({
    resourceSpans: [{ resource: { attributes: rate('SampleRate', 2) }, scopeSpans }],
  });
  const { scopeSpans: groups } = decodeTraces(Buffer.from(body), 'json');
  return collectRows((sink) => groups.forEach((group) => void mapSpans(group, NOW, sink)))[0]?.sampleRate;
}

const rateOf = (span: PlainSpan) => rowsOf(span)[0]?.sampleRate;

t.test('a sample rate is read as husky 0.43 reads it, and leaves the row', async (t) => {
  const rates = [
    ['0', 1],
    ['1', 1],
    ['100', 100],
    ['100.4', 100],
    ['100.6', 101],
    ['-100.6', 1],
    ['invalid', 1],
    ['2147483647', 2_147_483_647],
    ['9223372036854775807', 2_147_483_647],
    [0, 1],
    [100, 100],
    [100.4, 100],
    [100.6, 101],
    [-100, 1],
    [9_007_199_254_740_991, 2_147_483_647],
    [Number.NaN, 1],
  ] as const;
  for (const key of ['SampleRate', 'sampleRate']) {
    for (const [value, rate] of rates) {
      const [row] = rowsOf({ attributes: { [key]: value } });
      t.equal(row?.sampleRate, rate, `${key}=${value}`);
      t.notOk(row && key in row.fields, `${key}=${value}`);
    }
  }
  for (const key of ['samplerate', 'SAMPLERATE', 'sample_rate']) {
    const [row] = rowsOf({ attributes: { [key]: 10 } });
    t.match(row, { sampleRate: 1, fields: { [key]: 10 } });
  }
  t.match(rowsOf({ attributes: { SampleRate: true } })[0], { sampleRate: 1, fields: { SampleRate: true } });
});

t.test('the nearest rate counts: of the span, its scope, its resource, its trace state', async (t) => {
  const resource = { SampleRate: 2 };
  const traceState = 'other=1,ot=p:8;th:c';
  t.equal(rateOf({ traceState }), 4);
  t.equal(rateOf({ traceState, resource }), 2);
  t.equal(rateOf({ traceState, resource, attributes: { SampleRate: 5 } }), 5);
  t.equal(rateOfScope(), 3);
  t.equal(rateOf({ attributes: { SampleRate: 5, sampleRate: 6 } }), 6, 'sampleRate goes first');
  const rows = rowsOf({
    resource,
    events: [{ name: 'log' }],
    links: [{ traceId: '3'.repeat(32), spanId: '4'.repeat(16) }],
  });
  t.same(
    rows.map(({ sampleRate, fields }) => [sampleRate, 'SampleRate' in fields]),
    [
      [2, false],
      [2, false],
      [2, false],
    ],
    'events and links have the rate of their span',
  );
});

t.test('a threshold gives its rate, a fraction on average', async (t) => {
  t.equal(thresholdRate('ot=th:0', '0'), 1);
  t.equal(thresholdRate('ot=th:8', '0'), 2);
  t.equal(thresholdRate('th=c', '0'), 4, 'as it was written before the specification');
  t.equal(thresholdRate('ot=th:fef', '0'), (256 / 1.0625) | 0, 'above 100 it is cut');
  for (const wrong of ['', 'a=b', 'ot=rv:1', 'ot=th:', 'ot=th:xyz', `ot=th:${'0'.repeat(15)}`, 'ot=th:1:2']) {
    t.equal(thresholdRate(wrong, '0'), undefined, wrong);
  }
  // 70 % rejected: each kept span stands for 3.33.
  const rates = Array.from({ length: 10_000 }, () => thresholdRate('ot=th:b333', randomId(8)) ?? 0);
  t.same(new Set(rates), new Set([3, 4]));
  const mean = rates.reduce((sum, rate) => sum + rate) / rates.length;
  t.ok(Math.abs(mean - 10 / 3) < 0.03, `${mean}`);
  t.equal(thresholdRate('ot=th:b333', 'ab'), thresholdRate('ot=th:b333', 'ab'), 'a span has one rate');
});
