import { SeededRandom } from '@tandem/otlp/testing';
import t from 'tap';
import { parseTraceparent } from '../../../src/road/http/traceparent.ts';

/** W3C Trace Context level 2, as one expression. */
const LEGAL =
  /^[ \t]*(?:00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}[ \t]*|(?!ff|00)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:[ \t]*|-[^,]*))$/;
const RIGHT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const ODD = ['0', 'f', 'g', 'A', '-', ' ', '\t', '_', ',', '٣', '\u0000', 'ff', '00'];

t.test('of a header with some changed characters, exactly the legal ones are read', async (t) => {
  const random = new SeededRandom(1);
  let legal = 0;
  for (let count = 0; count < 30_000; count++) {
    let header = RIGHT;
    for (let changes = random.below(3); changes > 0; changes--) {
      const at = random.below(header.length + 1);
      header = header.slice(0, at) + random.pick(ODD) + header.slice(at + random.below(3));
    }
    const isLegal = LEGAL.test(header);
    if (isLegal) legal++;
    const read = parseTraceparent(header);
    if ((read !== undefined) !== isLegal)
      t.fail(`${JSON.stringify(header)} is ${isLegal ? '' : 'not '}legal`);
    if (read !== undefined && !header.includes(`-${read.traceId}-${read.spanId}-`))
      t.fail(`${JSON.stringify(header)} was read as ${JSON.stringify(read)}`);
  }
  t.ok(legal > 1_000);
});

t.test('ids of zeros are not read', async (t) => {
  for (const [from, to] of [
    [3, 35],
    [36, 52],
  ] as const)
    t.equal(parseTraceparent(RIGHT.slice(0, from) + '0'.repeat(to - from) + RIGHT.slice(to)), undefined);
});
