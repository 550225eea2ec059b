import type { Attribute } from '@tandem/otlp';
import { attributesOf } from '@tandem/otlp';
import t from 'tap';
import { flattenAttributes } from '../../src/fields/flatten.ts';
import { RowBuffer } from '../../src/store/row-buffer.ts';

const NO_BYTES = new Uint8Array();
const SOURCE = {
  resource: { attributes: [], droppedAttributesCount: 0, schemaUrl: '', raw: NO_BYTES },
  scope: {
    name: '',
    version: '',
    attributes: [],
    droppedAttributesCount: 0,
    schemaUrl: '',
    raw: NO_BYTES,
  },
};

const [method, route, otherRoute, status] = attributesOf({
  'http.request.method': 'GET',
  'http.route': '/a',
  'url.path': '/b',
  status: 200,
}) as [Attribute, Attribute, Attribute, Attribute];
const routeAgain: Attribute = { ...route, value: '/c' };
const rate: Attribute = { ...status, key: 'SampleRate' };
const long = attributesOf(
  Object.fromEntries(Array.from({ length: 8 }, (_, n) => [`long.${n}`, `${n}`.repeat(4_000)])),
);

/** Rows by their dataset and attributes. */
const ROWS: readonly (readonly [dataset: string, attributes: readonly Attribute[]])[] = [
  ['a', [method, route, status]],
  ['a', [method, route, status]],
  ['a', [method, route, route, routeAgain]],
  ['a', [method, routeAgain, status]],
  ['b', [method, routeAgain, status]],
  ['b', [status, method, otherRoute]],
  ['b', []],
  ['b', [status, method, rate, rate]],
  // Past its limit a row's texts are cut, and those of a row with room are not.
  ['b', [...long, method]],
  ['b', [...long, method]],
  ['b', long.slice(6)],
  ['b', [...long.slice(6), method]],
  ['b', long],
];

function buffered(attributesOf: (given: readonly Attribute[]) => readonly Attribute[]) {
  const rows = new RowBuffer();
  for (const [dataset, attributes] of ROWS) {
    rows.group(SOURCE, dataset, 1n);
    rows.share(new Map());
    rows.start({ time: 1n, message: undefined, bytes: 0, sampleRate: 1 });
    flattenAttributes(attributesOf(attributes), rows, 'trace');
    rows.set('name', 'string', 'span');
  }
  const columns = [...rows.columns.values()].map(({ name, rows, values, end, types, datasets }) => {
    return { name, rows, values, end, types, datasets: [...datasets] };
  });
  return { columns, weights: rows.weights };
}

t.test('an attribute that comes again as the same object is written as any other', async (t) => {
  const again = buffered((given) => given);
  t.strictSame(
    again,
    buffered((given) => given.map((attribute) => ({ ...attribute }))),
  );
  t.ok(again.columns.some(({ name, values }) => name === 'long.7' && new Set(values).size > 1));
});

t.test(
  'the same attribute of a span and of a log record is two fields where the name is the explorer’s',
  (t) => {
    const rows = new RowBuffer();
    const [name] = attributesOf({ name: 'charge' });
    rows.group(SOURCE, 'a', 1n);
    for (const signal of ['trace', 'log'] as const) {
      rows.start({ time: 1n, message: undefined, bytes: 0, sampleRate: 1 });
      if (name) flattenAttributes([name], rows, signal);
    }
    t.same([...rows.columns.keys()], ['attribute.name', 'name']);
    t.end();
  },
);
