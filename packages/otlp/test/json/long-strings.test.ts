import t from 'tap';
import { decodeTraces } from '../../src/decode.ts';
import { UndecodableError } from '../../src/errors.ts';

/** A request of a span with this name, and one after it. */
function body(name: string): Buffer {
  const ids = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
  const spans = [
    { ...ids, name },
    { ...ids, name: 'next' },
  ];
  return Buffer.from(JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
}

t.test('a string ends at its own quote, with escapes anywhere and at any length', async (t) => {
  const escapes = ['"', '\\', '\\"', '\\\\"', '"\\', '\\\\\\', 'é"', '\n'];
  for (const escaped of escapes) {
    for (let before = 0; before < 200; before++) {
      const name = `${'x'.repeat(before)}${escaped}${'y'.repeat(before % 70)}${escaped}`;
      const { scopeSpans, spanCount } = decodeTraces(body(name), 'json');
      if (spanCount === 2 && scopeSpans[0]?.spans[0]?.name === name) continue;
      t.fail(JSON.stringify(name));
    }
  }
  t.throws(() => decodeTraces(body('x'.repeat(1_000)).subarray(0, 600), 'json'), UndecodableError);
});
