import t from 'tap';
import { parseTrigger, parseTriggerQuery } from '../../../../src/parts/check/server/trigger.ts';

const QUERY = { calculations: [{ op: 'COUNT' }], time_range: 600 };
const TRIGGER = { name: 'x', query: QUERY, threshold: { op: '>', value: 1 } };

t.test('a trigger in Honeycomb’s form is read; its recipients and times are passed over', async (t) => {
  const trigger = parseTrigger({
    ...TRIGGER,
    id: 'abc',
    dataset_slug: 'all',
    description: 'y',
    tags: [{ key: 'team', value: 'blue' }],
    threshold: { op: '<=', value: 0.5, exceeded_limit: 3 },
    frequency: 300,
    alert_type: 'on_true',
    disabled: false,
    triggered: false,
    recipients: [{ id: 'r', type: 'email', target: 'a@example.com' }],
    evaluation_schedule_type: 'frequency',
    baseline_details: {},
    created_at: '2026-11-20T08:00:00Z',
    updated_at: '2026-11-20T08:00:00Z',
  });
  t.match(trigger, {
    dataset_slug: 'all',
    frequency: 300,
    disabled: false,
    threshold: { op: '<=', value: 0.5, exceeded_limit: 3 },
  });
  t.match(parseTrigger(TRIGGER), { frequency: 900, threshold: { exceeded_limit: 1 } }, 'defaults');
});

t.test('an unknown part that would change the answer is refused by name', async (t) => {
  for (const [change, message] of [
    [
      { baseline_details: { offset_minutes: 1440, type: 'percentage' } },
      /^baseline_details: the explorer does not compare/,
    ],
    [{ evaluation_schedule_type: 'window' }, /^evaluation_schedule: /],
    [{ evaluation_schedule: { window: {} } }, /^evaluation_schedule: /],
    [{ query_id: 'abc' }, /^query_id: put the query itself into the file/],
    [{ query: undefined }, /^query: cannot be blank/],
    [{ threshold: { op: '!=', value: 1 } }, /^threshold\.op: "!=" is not supported; one of >, >=, <, <=$/],
    [{ threshold: { op: '>' } }, /^threshold\.value: cannot be blank/],
    [
      { threshold: { op: '>', value: 1, exceeded_limit: 9 } },
      /^threshold\.exceeded_limit: must be from 1 to 5/,
    ],
    [{ frequency: 5 }, /^frequency: must be from 60 to 86400/],
    [{ frequency: 61 }, /^frequency: is 61 seconds; Honeycomb takes whole minutes: 60 or 120/],
    [{ name: '' }, /^name: cannot be blank/],
    [{ colour: 'red' }, /^colour: is not a field that is known here/],
  ] as const)
    t.throws(() => parseTrigger({ ...TRIGGER, ...change }), { message }, JSON.stringify(change));
  for (const none of [null, [], 'x', 1]) t.throws(() => parseTrigger(none), { message: /must be/ });
});

t.test("a trigger's query follows Honeycomb's rules for it", async (t) => {
  t.match(parseTriggerQuery(QUERY, 300), { calculations: [{ op: 'COUNT' }] });
  const calculations = [{ op: 'COUNT' }, { op: 'AVG', column: 'duration_ms' }];
  const havings = [{ calculate_op: 'COUNT', op: '>', value: 10 }];
  t.doesNotThrow(() => parseTriggerQuery({ ...QUERY, calculations, havings }, 300), 'one is for HAVING');
  for (const [change, message] of [
    [{ calculations }, /query\.calculations: a trigger’s query has one calculation, not 2/],
    [{ calculations: [{ op: 'HEATMAP', column: 'duration_ms' }] }, /cannot use HEATMAP/],
    [{ calculations: [{ op: 'CONCURRENCY' }] }, /cannot use CONCURRENCY/],
    [{ calculations: [{ op: 'COUNT', name: 'n' }] }, /neither name nor filters/],
    [{ havings: [...havings, ...havings] }, /query\.havings: /],
    [{ limit: 10 }, /query\.limit: /],
    [{ orders: [{ op: 'COUNT' }] }, /query\.orders: /],
    [{ compare_time_offset_seconds: 3600 }, /query\.compare_time_offset_seconds: /],
    [{ time_range: undefined, start_time: 1, end_time: 2 }, /query\.start_time: .*query\.end_time: /],
    [{ time_range: 7200 }, /query\.time_range: is 7200 seconds; at most four times .* 1200/],
    [{ time_range: 240 }, /query\.time_range: is 240 seconds; at least the frequency of 300 seconds/],
    [{ usage_mode: true }, /query\.usage_mode: /],
  ] as const)
    t.throws(() => parseTriggerQuery({ ...QUERY, ...change }, 300), { message }, JSON.stringify(change));
});

t.test("a trigger's query may be a formula over named calculations", async (t) => {
  const total = { op: 'COUNT', name: 'total' };
  const failed = { column: 'status', op: '=', value: 'error' };
  const errors = { op: 'COUNT', name: 'errors', filters: [failed] };
  const rate = { name: 'error_rate', expression: 'DIV($errors, $total)' };
  const parse = (query: Record<string, unknown>) => parseTriggerQuery({ time_range: 300, ...query }, 300);
  const query = { calculations: [total, errors], formulas: [rate] };
  t.match(parse(query), { formulas: [rate] });
  const bytes = { op: 'SUM', column: 'bytes', name: 'total_bytes' };
  t.doesNotThrow(() =>
    parse({
      calculations: [total, errors, bytes],
      formulas: [rate],
      havings: [{ column: 'error_rate', op: '>', value: 1000 }],
    }),
  );
  t.doesNotThrow(() => parse({ calculations: [{ op: 'COUNT' }], granularity: 120 }));
  t.doesNotThrow(() => parse({ calculations: [{ op: 'RATE_AVG', column: 'requests' }], granularity: 30 }));
  const many = Array.from({ length: 101 }, (_, i) => ({ op: 'COUNT', name: `c${i}` }));
  for (const [given, message] of [
    [{ ...query, formulas: [rate, { name: 'more', expression: '$total' }] }, /at most one formula, not 2/],
    [{ calculations: [total] }, /neither name nor filters unless there is a formula/],
    [{ calculations: [{ op: 'COUNT', filters: [failed] }] }, /needs a name/],
    [{ ...query, filters: [failed] }, /query\.filters: .*no filters of its own/],
    [
      { calculations: [errors], formulas: [{ name: 'f', expression: '$errors' }], filters: [failed] },
      /query\.filters/,
    ],
    [
      { calculations: [total, { ...bytes, name: 'total' }], formulas: [{ name: 'f', expression: '$total' }] },
      /"total" is already/,
    ],
    [{ calculations: [total], formulas: [{ name: 'total', expression: '$total' }] }, /"total" is already/],
    [{ calculations: many, formulas: [{ name: 'f', expression: '$c0' }] }, /has 101 items; at most 100/],
  ] as const)
    t.throws(() => parse(given), { message }, JSON.stringify(given).slice(0, 80));
});
