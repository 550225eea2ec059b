import { PassThrough, Readable } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import t from 'tap';
import { atNight } from '../../../../../test/helpers/nightly.ts';
import { Intake } from '../../../src/core/receiver/intake.ts';
import { temporaryExplorer } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { storeLogs, storeSpans } from '../../spans.ts';
import { exportAll, importAll } from '../traces/forms/transfer.ts';
import { id, span, traceId } from './whole-span.ts';

// At night too: with a trace of several documents.

t.test('an exported trace can be imported elsewhere and is the same there', async (t) => {
  const first = await temporaryExplorer(t);
  const many: PlainSpan[] = Array.from({ length: 2500 }, (_, n) => ({
    ...span,
    spanId: n.toString(16).padStart(16, 'c'),
    service: `service-${n % 3}`,
    name: `n${n}`,
  }));
  await storeSpans(first.store, [span, ...many]);
  const { headers, body } = await first.app.inject(`/api/export?trace_id=${traceId}`);
  t.match(headers['content-disposition'], `trace-${traceId}.json`);
  t.equal((await first.get(`/api/export?trace_id=${id('nobody', 16)}`)).status, 404);

  const second = await temporaryExplorer(t);
  const imported = await second.app.inject({
    method: 'POST',
    url: '/api/import',
    headers: { 'content-type': 'application/json' },
    payload: body,
  });
  t.strictSame(imported.json(), {
    spans: 2501,
    logs: 0,
    known: 0,
    rejected: 0,
    rejected_reason: '',
    trace_ids: [traceId],
  });
  const of = async (explorer: typeof first) =>
    (await explorer.get(`/api/traces/${traceId}/spans/${span.spanId}`)).body;
  t.strictSame(await of(second), await of(first));
  t.equal((await second.trace(traceId)).spans_total, 2501);
});

atNight(t).test('a trace that is too large for one import is exported in several documents', async (t) => {
  const first = await temporaryExplorer(t);
  const text = '\0'.repeat(250_000); // JSON has six bytes for each of them
  const traceId = id('large', 16);
  const many = Array.from({ length: 26 }, (_, n) => ({
    ...span,
    traceId,
    name: `n${n}`,
    attributes: { text },
  }));
  for (let from = 0; from < many.length; from += 20)
    await storeSpans(first.store, many.slice(from, from + 20));
  await storeLogs(first.store, [{ traceId, body: 'a line' }]);
  const documents = await exportAll(first);
  t.ok(documents.length > 1, `${documents.length} documents`);

  const second = await temporaryExplorer(t);
  t.strictSame(await importAll(second, documents), { spans: 26, logs: 1, known: 0, rejected: 0 });
  t.ok(isDeepStrictEqual(await exportAll(second), documents));
  const lines = (await first.app.inject('/api/export')).body.split('\n').filter((line) => line !== '');
  t.ok(isDeepStrictEqual(lines, documents));
});

t.test('an import has the bounds of the receiver, and room of its own', async (t) => {
  const store = { write: async () => {} };
  const intake = new Intake({ store, maxArrivingBytes: 1_000_000, maxBodyBytes: 4_000_000 });
  const { app } = await temporaryExplorer(t, { intake });
  const post = (payload: string | Readable) =>
    app.inject({
      method: 'POST',
      url: '/api/import',
      headers: { 'content-type': 'application/json' },
      payload,
    });
  const spans = (count: number) =>
    `{"resourceSpans":[{"scopeSpans":[{"spans":[${'{},'.repeat(count)}{}]}]}]}`;
  t.match((await post(spans(1_000_000))).json(), {
    status: 413,
    code: 'IMPORT_TOO_LARGE',
    detail: /more than 1,000,000 spans/,
  });
  t.match((await post(' '.repeat(16_000_001))).json(), { status: 413, code: 'IMPORT_TOO_LARGE' });

  const slow = new PassThrough();
  slow.write(' '.repeat(700_000));
  const first = post(slow);
  let busy = await post(' '.repeat(700_000));
  for (let attempt = 0; attempt < 100 && busy.statusCode !== 503; attempt++)
    busy = await post(' '.repeat(700_000));
  t.match(busy.json(), { status: 503, code: 'STORE_BUSY' });
  t.equal(busy.headers['retry-after'], '1');
  const export700k = Readable.from([Buffer.from(' '.repeat(700_000)), Buffer.from('{}')]);
  t.match(await intake.take({ payload: export700k, encoding: 'json' }), { accepted: 0 });
  slow.end('{}');
  t.match((await first).json(), { spans: 0, rejected: 0 });
});
