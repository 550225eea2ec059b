import type { Attribute } from '@tandem/otlp';
import { ValueKind } from '@tandem/otlp';
import t from 'tap';
import { toJson } from '../../../src/core/fields/to-json.ts';

const float = (value: number): Attribute => ({ key: '', kind: ValueKind.float, value });

t.test('numbers and keys are written as json-iterator 1.1.12 of Go, which husky uses', async (t) => {
  const floats = [1e-7, 1.5e-9, 1e-6, 1e20, 1e21, 1.5e300, 5e-324, -1e-7, 1, 0.1].map(float);
  const entry = (key: string): Attribute => ({ key, kind: ValueKind.integer, value: 1 });
  const map: Attribute = { key: '', kind: ValueKind.map, value: ['b', 'a', '', 'B'].map(entry) };
  t.equal(
    toJson(ValueKind.array, [...floats, map]),
    '[1e-07,1.5e-09,0.000001,100000000000000000000,1e+21,1.5e+300,5e-324,-1e-07,1,0.1,{"":1,"B":1,"a":1,"b":1}]',
  );
});
