import t from 'tap';
import { compareTraces } from '../../../src/parts/trace/compare-traces.ts';
import { client, modelOf, span } from '../../core/traces/make-span.ts';

const id = (nth: number) => nth.toString(16).padStart(16, '0');

t.test('two attempts of a test in one trace are compared alone, each from its own beginning', async (t) => {
  const model = modelOf([
    span(id(1), '', 0, 1000, { name: 'vitest.start' }),
    span(id(2), id(1), 100, 200, { name: 'callback', error: true }),
    client(id(3), id(2), 110, 120, { name: 'SELECT t' }),
    client(id(4), id(2), 130, 140, { name: 'GET /pay' }),
    span(id(5), id(1), 700, 790, { name: 'callback' }),
    client(id(6), id(5), 710, 720, { name: 'GET /pay' }),
    client(id(7), id(5), 730, 735, { name: 'GET /mail' }),
  ]);
  const part = { here: model.indexOf(id(2)), there: model.indexOf(id(5)) };
  const compared = compareTraces(model, model, part);
  const rows = Array.from({ length: compared.count }, (_, index) => [
    compared.name(index),
    compared.comparison?.(index).difference,
    (compared.offset[index] ?? 0) / 1e6,
  ]);
  t.same(rows, [
    ['callback', 'same', 0],
    ['SELECT t', 'added', 10],
    ['GET /pay', 'same', 30],
    ['GET /mail', 'missing', 30],
  ]);
  t.equal(compared.duration, 100e6);
  t.equal(compared.start, model.start + 100_000_000n);
  t.equal(compared.indexOf(id(7)), 3, 'a span that is missing here has its name');
});
