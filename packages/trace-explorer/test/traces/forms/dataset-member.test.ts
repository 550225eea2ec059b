import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { buildReceiver } from '../../../src/receiver/build-receiver.ts';
import type { SpanStore } from '../../../src/store/store.ts';
import { at, ids, temporaryExplorer } from '../../explorer.ts';
import { decoded } from '../../spans.ts';
import { exportAll, importAll } from './transfer.ts';

const id = ids();
const traceId = id('trace', 16);
const JSON_TYPE = { 'content-type': 'application/json' };

/** How many rows each dataset has. */
async function datasets(store: SpanStore) {
  const { rows } = await store.read('SELECT _dataset, count(*) FROM spans GROUP BY 1 ORDER BY 1');
  return Object.fromEntries(rows.map(([name, count]) => [name, Number(count)]));
}

/** An explorer with spans and log records of which some are in a dataset that a header named, as with a classic key. */
async function explorerWithNamed(t: Parameters<typeof temporaryExplorer>[0]) {
  const explorer = await temporaryExplorer(t);
  const span = (name: string, service: string) => ({
    traceId,
    spanId: id(name),
    name,
    service,
    start: at(0),
  });
  const { store } = explorer;
  await store.write({
    ...decoded([span('classic', 'cart'), { ...span('event', 'cart'), events: [{ name: 'e' }] }]),
    dataset: 'Zürich \u2028"all"',
  });
  await store.write(decoded([span('own', 'cart'), span('other', 'shop')]));
  const lines = [
    { body: 'of no service', service: '', time: at(1) },
    { body: 'of a service', service: 'cart', time: at(2) },
    { body: 'of the trace', service: '', traceId, time: at(3) },
  ];
  await store.write({ ...decodedLogs(lines), dataset: 'edge' });
  await store.write(decodedLogs([{ body: 'of nobody', service: '', time: at(4) }]));
  return explorer;
}

t.test('a dataset that a sender named is the same after export and import', async (t) => {
  const first = await explorerWithNamed(t);
  const expected = { 'Zürich \u2028"all"': 3, cart: 2, edge: 2, shop: 1, unknown_log_source: 1 };
  t.strictSame(await datasets(first.store), expected);
  const documents = await exportAll(first);

  const second = await temporaryExplorer(t);
  t.strictSame(await importAll(second, documents), { spans: 4, logs: 4, known: 0, rejected: 0 });
  t.strictSame(await datasets(second.store), expected);
  t.strictSame(await exportAll(second), documents);
  for (const explorer of [first, second])
    t.strictSame(await importAll(explorer, documents), { spans: 0, logs: 0, known: 8, rejected: 0 });
});

t.test('a document names a dataset only where its resource does not', async (t) => {
  const documents = await exportAll(await explorerWithNamed(t));
  const groups = documents.flatMap((document) => {
    const { resourceSpans = [], resourceLogs = [] } = JSON.parse(document);
    return [...resourceSpans, ...resourceLogs];
  });
  t.strictSame(groups.map((group) => group['x-honeycomb-dataset'] ?? '').toSorted(), [
    '',
    '',
    '',
    '',
    'Zürich \u2028"all"',
    'edge',
    'edge',
  ]);
});

t.test('one span and one log record say their dataset, too', async (t) => {
  const { store, get } = await explorerWithNamed(t);
  const span = `/api/traces/${traceId}/spans/${id('classic')}`;
  const named = 'Zürich \u2028"all"';
  t.equal((await get(span)).body.resourceSpans[0]['x-honeycomb-dataset'], named);
  t.equal((await get(`${span}?form=honeycomb`)).body.dataset, named);
  const { rows } = await store.read(`SELECT _seq FROM spans WHERE _dataset = 'edge' LIMIT 1`);
  t.equal((await get(`/api/logs/${rows[0]?.[0]}`)).body.resourceLogs[0]['x-honeycomb-dataset'], 'edge');
});

/** A document of one span and one log record, of the service `cart`, or of none. */
function labelled(dataset: unknown, service = 'cart'): string {
  const attributes = service === '' ? [] : [{ key: 'service.name', value: { stringValue: service } }];
  const spans = [{ traceId, spanId: id('x'), name: 'x', startTimeUnixNano: String(at(0)) }];
  const logRecords = [{ body: { stringValue: 'x' }, timeUnixNano: String(at(0)) }];
  // At the end, as nobody has to write it first.
  const around = (scopes: object) => [
    { resource: { attributes }, ...scopes, 'x-honeycomb-dataset': dataset },
  ];
  return JSON.stringify({
    resourceSpans: around({ scopeSpans: [{ spans }] }),
    resourceLogs: around({ scopeLogs: [{ logRecords }] }),
  });
}

t.test('a document can name what the header can, and no more', async (t) => {
  for (const [label, service, expected] of [
    ['named', 'cart', { cart: 1, named: 1 }],
    ['named', '', { named: 2 }],
    [' ', 'cart', { cart: 2 }],
    ['', '', { unknown_log_source: 1, unknown_service: 1 }],
    [null, 'cart', { cart: 2 }],
  ] as const) {
    const explorer = await temporaryExplorer(t);
    t.match(await importAll(explorer, [labelled(label, service)]), { spans: 1, logs: 1 });
    t.strictSame(await datasets(explorer.store), expected, JSON.stringify(label));
    t.match(await importAll(explorer, [labelled(label, service)]), { spans: 0, logs: 0, known: 2 });
  }
  const { app } = await temporaryExplorer(t);
  const payload = labelled(['named']);
  t.match((await app.inject({ method: 'POST', url: '/api/import', headers: JSON_TYPE, payload })).json(), {
    status: 400,
    code: 'UNDECODABLE',
    detail: /x-honeycomb-dataset is not text/,
  });
});

t.test('a name of any length is as short as others', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  t.match(await importAll({ app }, [labelled('ü'.repeat(5_000_000), '')]), { spans: 1, logs: 1 });
  const [[name] = []] = Object.entries(await datasets(store));
  t.match(name, /^ü+… \(at least 10000000 bytes, sha256 [0-9a-f]{12}\)$/);
  t.ok(Buffer.byteLength(name ?? '') <= 255);
});

t.test('the body of a sender names no dataset', async (t) => {
  const { store } = await temporaryExplorer(t);
  const receiver = await buildReceiver({ store });
  t.teardown(() => receiver.close());
  const payload = labelled('named', '');
  for (const url of ['/v1/traces', '/v1/logs'])
    t.equal((await receiver.inject({ method: 'POST', url, headers: JSON_TYPE, payload })).statusCode, 200);
  t.strictSame(await datasets(store), { unknown_log_source: 1, unknown_service: 1 });
});
