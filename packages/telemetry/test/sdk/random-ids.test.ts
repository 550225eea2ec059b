import { test } from 'tap';
import { randomSpanId, randomTraceId } from '../../src/sdk/tracer.ts';

const MANY = 20_000;
const KINDS = [
  { name: 'span', digits: 16, generate: randomSpanId },
  { name: 'trace', digits: 32, generate: randomTraceId },
];

for (const { name, digits, generate } of KINDS) {
  test(`${name} ids are ${digits} lowercase hexadecimal digits, random in every place`, async (t) => {
    const made = Array.from({ length: MANY }, () => generate());
    t.ok(
      made.every((id) => new RegExp(`^[0-9a-f]{${digits}}$`).test(id)),
      'well-formed',
    );
    t.equal(new Set(made).size, MANY, 'none twice');
    for (let place = 0; place < digits; place++) {
      const seen = new Set(made.map((id) => id[place]));
      t.equal(seen.size, 16, `place ${place} has every digit`);
    }
  });
}
