import { LogsRequest, TraceRequest } from '@tandem/otlp/testing';
import type { Type } from 'protobufjs';
import t from 'tap';
import { sameLarge } from '../../../../../../test/helpers/load/same-large.ts';
import { buildReceiver } from '../../../../src/core/receiver/build-receiver.ts';
import { temporaryExplorer } from '../../../explorer.ts';
import { decoded, randomId, storeSpans } from '../../../spans.ts';
import { id, logs, spans, timeless, traceId } from './everything.ts';
import { exportAll, importAll } from './transfer.ts';

/** As another library writes it: in OTLP's JSON ids are hex, in protobuf's base64. */
function protobuf(request: Type, document: object): Uint8Array {
  const inProtoJson = (value: unknown, name = ''): unknown => {
    if (/^(trace|span|parentSpan)Id$/.test(name)) return Buffer.from(String(value), 'hex');
    if (Array.isArray(value)) return value.map((item) => inProtoJson(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inProtoJson(part, key)]));
  };
  return request.encode(request.fromObject(inProtoJson(document) as object)).finish();
}

type Explorer = Awaited<ReturnType<typeof temporaryExplorer>>;

async function explorerWithEverything(t: Parameters<typeof temporaryExplorer>[0]): Promise<Explorer> {
  const explorer = await temporaryExplorer(t);
  const receiver = await buildReceiver({ store: explorer.store });
  t.teardown(() => receiver.close());
  for (const [url, payload] of [
    ['/v1/traces', protobuf(TraceRequest, timeless)],
    ['/v1/traces', protobuf(TraceRequest, spans)],
    ['/v1/logs', protobuf(LogsRequest, logs)],
  ] as const) {
    const headers = { 'content-type': 'application/x-protobuf' };
    const answer = await receiver.inject({ method: 'POST', url, headers, payload: Buffer.from(payload) });
    if (answer.statusCode !== 200 || answer.rawPayload.length > 0) throw new Error(answer.body);
  }
  return explorer;
}

/** What the query API reads of each row, but for when it came. */
async function rowsOf({ store }: Explorer) {
  const fields = [...store.fields().values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const rate = store.sampleRate()?.sql ?? 'NULL';
  const { rows } = await store.read(
    `SELECT _dataset, if(_time = _received, 0, _time), ${rate}, ${fields.map(({ sql }) => sql).join(', ')}
     FROM spans ORDER BY _seq`,
  );
  return { fields: fields.map(({ name, type }) => `${name} ${type}`), rows };
}

/** Answers that are about what was sent alone. */
async function answersOf({ get }: Explorer): Promise<object[]> {
  const trace = `/api/traces/${traceId}`;
  const span = `${trace}/spans/${id('once')}`;
  const paths = [
    `${trace}/outline`,
    `/api/logs?trace_id=${traceId}`,
    span,
    `${span}?copy=1`,
    `${span}?form=honeycomb`,
  ];
  const answers = [];
  for (const path of [...paths, '/api/logs?limit=200', '/1/datasets'])
    answers.push({ path, ...(await get(path)) });
  return JSON.parse(
    JSON.stringify(answers, (name, value) => (CHANGED_BY_IMPORT.has(name) ? undefined : value)),
  );
}

/** Log records are named by their place in the store, and what came has the time when it came. */
const CHANGED_BY_IMPORT = new Set(['id', 'received', 'created_at', 'last_written_at', 'next']);

t.test('every part of OTLP is exported as it was sent', async (t) => {
  const documents = (await exportAll(await explorerWithEverything(t))).map((text) => JSON.parse(text));
  const lists = (name: string) => documents.flatMap((document) => document[name] ?? []);
  sameLarge(t, lists('resourceSpans'), [...timeless.resourceSpans, ...spans.resourceSpans], 'spans');
  sameLarge(t, lists('resourceLogs'), logs.resourceLogs, 'log records');
});

t.test('a body that came twice is exported once, as the list counts it', async (t) => {
  const explorer = await temporaryExplorer(t);
  const trace = randomId(16);
  const twice = [{ traceId: trace, spanId: randomId(8), name: 'twice' }];
  const other = { traceId: trace, spanId: twice[0]?.spanId ?? '', name: 'another with its id' };
  const body = decoded(twice);
  for (let sent = 0; sent < 2; sent++) await explorer.store.write(body);
  await storeSpans(explorer.store, [other]);
  const [document = '{}'] = await exportAll(explorer);
  const { resourceSpans } = JSON.parse(document);
  const names = resourceSpans.flatMap(({ scopeSpans }: { scopeSpans: { spans: { name: string }[] }[] }) =>
    scopeSpans.flatMap(({ spans }) => spans.map(({ name }) => name)),
  );
  t.same(names, ['twice', 'another with its id']);
  const outline = (await explorer.get(`/api/traces/${trace}/outline`)).body as { span_ids: string };
  t.equal(outline.span_ids.length, 2 * 16, 'as the trace has them');
});

t.test('and comes in again: another explorer exports and answers the same', async (t) => {
  const first = await explorerWithEverything(t);
  const documents = await exportAll(first);
  const second = await temporaryExplorer(t);
  t.match(await importAll(second, documents), { known: 0, rejected: 0 });
  sameLarge(t, await exportAll(second), documents, 'the export');
  sameLarge(t, await answersOf(second), await answersOf(first), 'what is answered');
  const { fields, rows } = await rowsOf(first);
  const again = await rowsOf(second);
  sameLarge(t, again.fields, fields, 'the fields');
  sameLarge(t, again.rows, rows, 'the rows');
  for (const explorer of [first, second])
    t.match(
      await importAll(explorer, documents),
      { spans: 1, logs: 0 },
      'all is known but for what has no time',
    );
});
