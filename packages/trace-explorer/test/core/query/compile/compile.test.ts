import t from 'tap';
import { heatmapAxis } from '../../../../src/core/query/compile/heatmap-axis.ts';
import { resolveTimeWindow, shiftWindow } from '../../../../src/core/query/compile/time-window.ts';
import type { Expression } from '../../../../src/core/query/parse/expression/parse.ts';
import { parseExpression } from '../../../../src/core/query/parse/expression/parse.ts';
import { parseQuery } from '../../../../src/core/query/parse/parse-query.ts';
import { heatmapValue } from '../../../../src/core/query/result/heatmap-value.ts';

t.test(
  'infix operators bind as in Honeycomb: * before -, - before +, < before =, AND before OR',
  async (t) => {
    const forms = {
      '1 + 2 * 3': '(SUM 1 (MUL 2 3))',
      '(1 + 2) * 3': '(MUL (SUM 1 2) 3)',
      '1 - 2 - 3': '(SUB (SUB 1 2) 3)',
      '8 / 4 % 3': '(MOD (DIV 8 4) 3)',
      '$a >= 1 AND $b = "x" OR !EXISTS($c)': '(OR (AND (GTE $a 1) (EQUALS $b "x")) (NOT (EXISTS $c)))',
      '$a != -1.5e3': '(!= $a -1500)',
      '1 - 2 + 3 - 4': '(SUM (SUB 1 2) (SUB 3 4))',
      '$a = $b < 1': '(EQUALS $a (LT $b 1))',
      '!$a = $b': '(EQUALS (NOT $a) $b)',
      '$"0"-5-$"1"--5': '(SUB (SUB (SUB $0 5) $1) -5)',
      '$foo AND AND($bar AND $baz, $quux)': '(AND $foo (AND (AND $bar $baz) $quux))',
      'IF($a, 1, .5,)': '(IF $a 1 0.5)',
      'IF(EVENT_TIMESTAMP() > 4e+2, 9223372036854775807, -9223372036854775808)':
        '(IF (GT (EVENT_TIMESTAMP ) 400) 9223372036854775807 -9223372036854775808)',
      'IF(LT($service.name, `a\\b`), null, true)': '(IF (LT $service.name "a\\\\b") null true)',
    };
    for (const [text, form] of Object.entries(forms)) t.equal(show(parseExpression(text)), form);
  },
);

t.test('quoted names and strings hold any character', async (t) => {
  t.equal(show(parseExpression('$"Context \\"Key\\" Length"')), '$Context "Key" Length');
  t.equal(show(parseExpression('$__proto__')), '$__proto__');
  t.same(parseExpression('"a\\n\\"b\\\\"'), { kind: 'literal', value: 'a\n"b\\', at: 0 });
});

t.test('a column’s name takes operators along, as in Honeycomb', async (t) => {
  const columns = [
    ['$duration_ms/1000', 'duration_ms/1000'],
    ['$http.request.header.x-request-id', 'http.request.header.x-request-id'],
    ['$a.b:c', 'a.b:c'],
    ['$a=1?', 'a=1?'],
    ['$größe', 'größe'],
    ['$`back "quoted"`', 'back "quoted"'],
    ['$"1st token"', '1st token'],
    ['$ "1st token"', '1st token'],
    ['$\n`raw`', 'raw'],
  ] as const;
  for (const [text, name] of columns) t.same(parseExpression(text), { kind: 'column', name, at: 0 });
});

t.test('texts have the escapes of Go', async (t) => {
  const texts = [
    [String.raw`"\u00e9 \ud83d\ude00"`, 'é 😀'],
    [String.raw`"\b\f\n\r\t\\\""`, '\b\f\n\r\t\\"'],
    ['"a\tb\\n"', 'a\tb\n'],
    ['`\\n`', '\\n'],
    [String.raw`"\x41\101\xc3\xa4\303\244"`, 'AAää'],
    [String.raw`"\U0001F600\a\v\/"`, '😀\x07\v/'],
    [String.raw`"\\x41"`, '\\x41'],
    [String.raw`"\xff"`, '\ufffd'],
  ] as const;
  for (const [text, value] of texts) t.same(parseExpression(text), { kind: 'literal', value, at: 0 }, text);
  for (const text of [
    String.raw`"\q"`,
    String.raw`"\x4"`,
    String.raw`"\'"`,
    String.raw`"\400"`,
    String.raw`"\U00110000"`,
    String.raw`"\u12"`,
  ]) {
    t.throws(() => parseExpression(text), { message: /has an unknown escape/ }, text);
  }
});

t.test('mistakes are shown with their place', async (t) => {
  t.throws(() => parseExpression(''), { message: 'expected a value, found the end (at character 1)' });
  t.throws(() => parseExpression('1 +'), { message: /found the end \(at character 4\)/ });
  t.throws(() => parseExpression('IF(1, 2'), { message: /expected ","/ });
  t.throws(() => parseExpression('1 2'), {
    message: 'expected the end of the expression, found "2" (at character 3)',
  });
  t.throws(() => parseExpression('-$a'), { message: /a minus sign stands before numbers only; write 0 - …/ });
  t.throws(() => parseExpression('IF(,)'), { message: /expected a value, found ","/ });
  t.throws(() => parseExpression('1.'), { message: /"\." is not understood/ });
  t.throws(() => parseExpression('99999999999999999999'), { message: /exceeds 64 bits/ });
  t.throws(() => parseExpression('duration_ms'), { message: /write a column as \$name/ });
  t.throws(() => parseExpression('"open'), { message: /is not understood/ });
  t.throws(() => parseExpression("'; DROP TABLE spans"), { message: /is not understood/ });
});

t.test('hostile depth and length are refused, not recursed into', async (t) => {
  t.throws(() => parseExpression('('.repeat(9_000)), { message: /nested deeper than 64/ });
  t.throws(() => parseExpression('!'.repeat(9_000)), { message: /nested deeper than 64/ });
  t.throws(() => parseExpression('1+'.repeat(4_000)), { message: /nested deeper than 64/ });
  t.throws(() => parseExpression('1'.repeat(20_000)), { message: /longer than 10000 characters/ });
});

function show(expression: Expression): string {
  if (expression.kind === 'column') return `$${expression.name}`;
  if (expression.kind === 'literal') {
    return typeof expression.value === 'bigint' ? `${expression.value}` : JSON.stringify(expression.value);
  }
  return `(${expression.fn} ${expression.args.map(show).join(' ')})`;
}

t.test('an axis has readable steps, at most fifty or so, and holds both ends', async (t) => {
  t.same(heatmapAxis(0, 99.5, false), { min: 0, step: 2, count: 50 });
  t.same(heatmapAxis(3, 1003, false), { min: 0, step: 20, count: 51 });
  t.same(heatmapAxis(-7, 7, false), { min: -7, step: 0.5, count: 29 });
  for (const value of [5, 0.002, -3, 0, Math.log10(20), Math.log10(60_000)]) {
    const { min, step, count } = heatmapAxis(value, value, false);
    t.ok(min === value && count === 1 && step > 0, `${value} is in one bucket`);
    t.ok(step <= Math.max(0.01, Math.abs(value) * 0.03), `equal values of ${value} fill ${step}`);
  }
  t.same(heatmapAxis(5, 5, true), { min: 5, step: 1, count: 1 }, 'equal integers');
  t.same(heatmapAxis(0, 3, true), { min: 0, step: 1, count: 4 }, 'integers in whole steps');
  for (const [min, max] of [
    [0.001, 0.0017],
    [1, 1e15],
    [-1e-9, 1e9],
    [0.1, 0.3],
    [5e-324, 1e300],
  ] as const) {
    const { min: start, step, count } = heatmapAxis(min, max, false);
    t.ok(count >= 1 && count <= 52, `${count} buckets`);
    t.ok(
      start <= min && Math.floor((max - start) / step) <= count,
      `${start} by ${step} holds ${min} to ${max}`,
    );
  }
});

t.test('a heatmap names the place of each bucket, and has no bucket without values', async (t) => {
  const value = heatmapValue(
    { min: 10, step: 5, count: 3 },
    new Map([
      [0, 2],
      [2, 1],
    ]),
  );
  t.same(value, { counts: [2, 0, 1], min_value: 10, max_value: 25, step_size: 5 });
  t.same(heatmapValue(undefined, new Map()), { counts: [], min_value: 0, max_value: 0, step_size: 0 });
});

const NOW = 1_763_620_000_500;

t.test('times are absolute, relative to one end, or up to now', async (t) => {
  const window = (query: object) => resolveTimeWindow(parseQuery(query), NOW);
  t.match(
    window({}),
    { start: 1_763_612_801, end: 1_763_620_001, granularity: 60 },
    'two hours, the current second included',
  );
  t.match(window({ time_range: 600 }), { start: 1_763_619_401, end: 1_763_620_001, granularity: 5 });
  t.match(window({ start_time: 1000, end_time: 2000 }), { start: 1000, end: 2000 });
  t.match(window({ start_time: 1000, time_range: 50 }), { start: 1000, end: 1050 });
  t.match(window({ end_time: 1000, time_range: 50 }), { start: 950, end: 1000 });
  t.match(window({ start_time: 1000 }), { start: 1000, end: 8200 });
  t.match(window({ end_time: 100 }), { start: 0, end: 100 }, 'nothing is before the epoch');
  t.match(window({ start_time: 5, end_time: 5 }), { start: 5, end: 5, granularity: 1 });
});

t.test('buckets are aligned, so that two queries of one granularity have the same ones', async (t) => {
  const window = resolveTimeWindow(parseQuery({ start_time: 1010, end_time: 2000, granularity: 300 }), NOW);
  t.same(window, { start: 1010, end: 2000, granularity: 300, firstBucket: 900 });
  t.same(shiftWindow(window, 600), { start: 410, end: 1400, granularity: 300, firstBucket: 300 });
});

t.test('a granularity outside range/1000 … range is refused', async (t) => {
  const window = (granularity: number) => () =>
    resolveTimeWindow(parseQuery({ time_range: 7200, granularity }), NOW);
  t.throws(window(7), { message: /granularity: must be from 8 to 7200/ });
  t.throws(window(7201), { message: /granularity: must be from 8 to 7200/ });
  t.match(window(8)(), { granularity: 8 });
  t.match(window(7200)(), { granularity: 7200 });
});
