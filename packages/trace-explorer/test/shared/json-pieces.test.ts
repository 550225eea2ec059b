import t from 'tap';
import { jsonPieces } from '../../src/shared/json-pieces.ts';

t.test('pieces together are what JSON.stringify makes of it', async (t) => {
  const values: readonly unknown[] = [
    null,
    true,
    -1.5,
    Number.NaN,
    'short "quoted" \n',
    `${'x'.repeat(65_535)}🎉${'"\\\n\u0000é'.repeat(50_000)}`,
    `${'y'.repeat(65_535)}\ud800${'z'.repeat(70_000)}`,
    [],
    {},
    [[], {}, [1, ['a']]],
    { a: undefined, b: null, c: { 'd"': [{ e: 'f' }] }, g: undefined },
    JSON.parse('{"__proto__": {"x": 1}}'),
    Array.from({ length: 20_000 }, (_, n) => ({ key: `k${n}`, value: { intValue: String(n) } })),
  ];
  for (const value of values) t.ok([...jsonPieces(value)].join('') === JSON.stringify(value));
});

t.test('no piece is much longer than the others, whatever the value', async (t) => {
  const pieces = [...jsonPieces({ text: 'x'.repeat(1_000_000), list: new Array(50_000).fill('item') })];
  t.ok(pieces.length > 15);
  for (const piece of pieces) t.ok(piece.length < 140_000, `${piece.length}`);
});
