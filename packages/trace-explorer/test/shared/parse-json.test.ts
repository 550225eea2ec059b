import t from 'tap';
import { parseJson } from '../../src/shared/parse-json.ts';

t.test(
  'integers that a double cannot hold are the text of their digits, all else is as JSON has it',
  async (t) => {
    const text = `{"a":9007199254740993,"b":[-9223372036854775808,9007199254740992,1e400,0.1,${'9'.repeat(400)}],"c":"x"}`;
    t.same(parseJson(text), {
      a: '9007199254740993',
      b: [-(2 ** 63), 9_007_199_254_740_992, Number.POSITIVE_INFINITY, 0.1, '9'.repeat(400)],
      c: 'x',
    });
    t.same(Object.keys(parseJson('{"__proto__":1}') as object), ['__proto__'], 'a name like any other');
    t.throws(() => parseJson('{'), { name: 'SyntaxError' });
  },
);
