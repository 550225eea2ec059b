import t from 'tap';
import type { Expression } from '../../../../src/query/compile/expression/parse.ts';
import { parseExpression } from '../../../../src/query/compile/expression/parse.ts';

t.test('infix operators bind as in Honeycomb: * before +, comparisons before AND before OR', async (t) => {
  const forms = {
    '1 + 2 * 3': '(SUM 1 (MUL 2 3))',
    '(1 + 2) * 3': '(MUL (SUM 1 2) 3)',
    '1 - 2 - 3': '(SUB (SUB 1 2) 3)',
    '8 / 4 % 3': '(MOD (DIV 8 4) 3)',
    '$a >= 1 AND $b = "x" OR !EXISTS($c)': '(OR (AND (GTE $a 1) (EQUALS $b "x")) (NOT (EXISTS $c)))',
    '$a != -1.5e3': '(!= $a -1500)',
    '-$a': '(SUB 0 $a)',
    'IF(LT($service.name, `a\\b`), null, true)': '(IF (LT $service.name "a\\\\b") null true)',
  };
  for (const [text, form] of Object.entries(forms)) t.equal(show(parseExpression(text)), form);
});

t.test('quoted names and strings hold any character', async (t) => {
  t.equal(show(parseExpression('$"Context \\"Key\\" Length"')), '$Context "Key" Length');
  t.equal(show(parseExpression('$__proto__')), '$__proto__');
  t.same(parseExpression('"a\\n\\"b\\\\"'), { kind: 'literal', value: 'a\n"b\\', at: 0 });
});

t.test('mistakes are shown with their place', async (t) => {
  t.throws(() => parseExpression(''), { message: 'expected a value, found the end (at character 1)' });
  t.throws(() => parseExpression('1 +'), { message: /found the end \(at character 4\)/ });
  t.throws(() => parseExpression('IF(1, 2'), { message: /expected ","/ });
  t.throws(() => parseExpression('1 2'), {
    message: 'expected the end of the expression, found "2" (at character 3)',
  });
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
  if (expression.kind === 'literal') return JSON.stringify(expression.value);
  return `(${expression.fn} ${expression.args.map(show).join(' ')})`;
}
