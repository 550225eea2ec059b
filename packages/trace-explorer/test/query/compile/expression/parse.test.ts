import t from 'tap';
import type { Expression } from '../../../../src/query/compile/expression/parse.ts';
import { parseExpression } from '../../../../src/query/compile/expression/parse.ts';

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

t.test('escapes are Go’s: characters, bytes and control characters', async (t) => {
  const texts = [
    [String.raw`"\u00e9 \U0001F600 \xc3\xa9 \303\251"`, 'é 😀 é é'],
    [String.raw`"\a\b\f\n\r\t\v\\\""`, '\x07\b\f\n\r\t\v\\"'],
    ['`\\n`', '\\n'],
  ] as const;
  for (const [text, value] of texts) t.same(parseExpression(text), { kind: 'literal', value, at: 0 }, text);
  for (const text of [
    String.raw`"\q"`,
    String.raw`"\ud800"`,
    String.raw`"\U00110000"`,
    String.raw`"\'"`,
    String.raw`"\400"`,
  ]) {
    t.throws(() => parseExpression(text), { message: /has an escape that is not known/ }, text);
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
  t.throws(() => parseExpression('duration_ms'), { message: /columns are written \$name/ });
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
