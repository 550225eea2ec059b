import { gzipSync } from 'node:zlib';
import t from 'tap';
import {
  documentsOfPage,
  holderOf,
  IMPORT_LIMITS,
  readSavedTrace,
} from '../../../../src/core/saved-trace/saved-trace.ts';
import { at, temporaryExplorer } from '../../../explorer.ts';
import { storeHomeTrace, storeLargeTrace } from '../../../page/trace-fixtures.ts';
import { randomId, storeLogs, storeSpans } from '../../../spans.ts';

t.test('a page holds what the explorer answers about the trace', async (t) => {
  const { app, store, get } = await temporaryExplorer(t);
  const { traceId, ids } = await storeHomeTrace(store, { failing: true });
  await storeLogs(store, [{ traceId, spanId: ids.users ?? '', body: 'a line' }]);
  const { headers, body } = await app.inject(`/api/traces/${traceId}/page`);
  t.match(headers['content-disposition'], `attachment; filename="trace-${traceId}.html"`);
  t.ok(Buffer.byteLength(body) < 350_000, `${Buffer.byteLength(body)} bytes`);
  const saved = await readSavedTrace(body);
  t.same(saved?.outline, (await get(`/api/traces/${traceId}/outline`)).body);
  const place = saved?.outline.span_ids.indexOf(ids.users ?? '') ?? -1;
  const { otlp, honeycomb } = saved?.spans[place / 16] ?? {};
  const path = `/api/traces/${traceId}/spans/${ids.users}`;
  t.same(otlp, (await get(`${path}?form=otlp`)).body);
  t.same(JSON.parse(JSON.stringify(honeycomb)), (await get(`${path}?form=honeycomb`)).body);
  t.same(saved?.logs, (await get(`/api/logs?trace_id=${traceId}&order=oldest`)).body.logs);
  t.same(saved?.records, [(await get(`/api/logs/${saved?.logs[0]?.id}`)).body]);
});

t.test(
  'every size and colour that the styles of a page name is in its styles, or set by its script',
  async (t) => {
    const { app, store } = await temporaryExplorer(t);
    const { traceId } = await storeHomeTrace(store);
    const { body } = await app.inject(`/api/traces/${traceId}/page`);
    const styles = body.slice(body.indexOf('<style>'), body.indexOf('</style>'));
    const namesIn = (pattern: RegExp, text: string) =>
      new Set([...text.matchAll(pattern)].map(([, name]) => name));
    const named = namesIn(/var\((--[\w-]+)\)/g, styles);
    t.ok(named.size > 10);
    const given = namesIn(/['"]?(--[\w-]+)['"]?:/g, body);
    t.same(
      [...named].filter((name) => !given.has(name)),
      [],
    );
  },
);

t.test('import of a page gives equal spans and log records', async (t) => {
  const from = await temporaryExplorer(t);
  const { traceId, ids } = await storeHomeTrace(from.store, { failing: true });
  await storeLogs(from.store, [{ traceId, spanId: ids.users ?? '', body: 'a line' }]);
  const page = (await from.app.inject(`/api/traces/${traceId}/page`)).body;
  const to = await temporaryExplorer(t);
  for (const payload of (await documentsOfPage(page)) ?? [])
    await to.app.inject({
      method: 'POST',
      url: '/api/import',
      headers: { 'content-type': 'application/json' },
      payload,
    });
  const exported = async ({ get }: typeof from) => {
    const { resourceSpans, resourceLogs } = (await get(`/api/export?trace_id=${traceId}`)).body;
    const flat = (list: readonly object[]) => list.map((each) => JSON.stringify(each)).toSorted();
    return { spans: flat(spansOf(resourceSpans)), logs: flat(resourceLogs) };
  };
  t.same(await exported(to), await exported(from));
});

/** Every span with its own resource and scope: how spans are grouped says nothing. */
// biome-ignore lint/suspicious/noExplicitAny: OTLP JSON
function spansOf(resourceSpans: any[]): object[] {
  return resourceSpans.flatMap(({ scopeSpans, ...resource }) =>
    // biome-ignore lint/suspicious/noExplicitAny: OTLP JSON
    scopeSpans.flatMap(({ spans, ...scope }: any) =>
      spans.map((span: object) => ({ resource, scope, span })),
    ),
  );
}

t.test('a page whose content unpacks to more than an import takes is refused while it unpacks', async (t) => {
  t.same(IMPORT_LIMITS, { bytes: 128 * 1024 ** 2, objects: 4_000_000 });
  const limits = { bytes: 2 * 1024 ** 2, objects: 4_000 };
  const content = Buffer.alloc(limits.bytes + 1, ' ');
  content.write('{"spans":[],"records":[]');
  content.write('}', content.byteLength - 1);
  for (const large of [content, Buffer.from(`{"spans":[${'{},'.repeat(limits.objects)}{}],"records":[]}`)])
    await t.rejects(documentsOfPage(holderOf(gzipSync(large).toString('base64')), limits), {
      message: /more than 2 MiB, or 4000 objects\. Export the trace as OTLP JSON/,
    });
});

t.test('redacted values are in no part of the page', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  const { traceId } = await storeHomeTrace(store, { failing: true });
  const { body } = await app.inject(`/api/traces/${traceId}/page?redact=exception.*&redact=db.query.text`);
  const text = JSON.stringify(await readSavedTrace(body));
  t.notMatch(text, 'database is locked');
  t.notMatch(text, 'from activities');
  t.match(text, 'home-activities-data');
});

t.test('a page names lines of code only where it is asked to', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  const attributes = { 'code.file.path': 'src/orders.js', 'code.line.number': 31 };
  const { traceId } = await storeHomeTrace(store, { extra: [{ name: 'GET', kind: 3, attributes }] });
  for (const [query, isKept] of [
    ['', false],
    ['?code=false', false],
    ['?code=true', true],
  ] as const) {
    const { body } = await app.inject(`/api/traces/${traceId}/page${query}`);
    const text = JSON.stringify(await readSavedTrace(body));
    t.equal(/code\.|orders\.js/.test(text), isKept, query);
  }
});

t.test('a page says when, where and how it was saved, without a redacted value', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  const attributes = {
    'user.email': 'ada@example.com',
    'of ada@example.com': 1,
    'server.address': 'localhost',
  };
  const { traceId } = await storeHomeTrace(store, { extra: [{ name: 'with an e-mail', attributes }] });
  const savedBy = async (names: string) => {
    const headers = { host: 'localhost:4319' };
    const { body } = await app.inject({ url: `/api/traces/${traceId}/page?${names}`, headers });
    const [, content = ''] = /<meta name="explorer-settings" content="([^"]*)"/.exec(body) ?? [];
    return { body, saved: JSON.parse(content.replaceAll('&quot;', '"')).saved };
  };
  const before = Date.now();
  const { saved } = await savedBy('redact=db.statement&redact=no.such');
  t.match(saved, { traceId, origin: 'http://localhost:4319', redacted: ['db.statement'] });
  t.ok(saved.at >= before && saved.at <= Date.now());
  t.same((await savedBy('')).saved.redacted, []);
  const secret = await savedBy('redact=user.email&redact=of%20ada@example.com&redact=server.address');
  t.same(secret.saved.redacted.toSorted(), ['of REDACTED', 'server.address', 'user.email']);
  t.notOk('origin' in secret.saved, 'the host is the value of a redacted field');
  t.notMatch(secret.body, 'ada@example.com');
});

t.test('hostile texts cannot leave their place in the page', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  const hostile = '</script><img src=x onerror=alert(1)>';
  const { traceId } = await storeHomeTrace(store, { extra: [{ service: hostile, name: hostile }] });
  const { body } = await app.inject(`/api/traces/${traceId}/page`);
  t.notMatch(body, '<img');
  t.ok((await readSavedTrace(body))?.outline.services.some(({ name }) => name === hostile));
});

t.test('a trace that is too large, unknown or whose values are too many has a clear answer', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const large = await storeLargeTrace(store, 20_001);
  const answer = await get(`/api/traces/${large}/page`);
  t.equal(answer.status, 422);
  t.match(answer.body, { code: 'TRACE_TOO_LARGE', detail: /20001 spans.*Export the trace as OTLP JSON/ });
  t.match(await get(`/api/traces/${randomId(16)}/page`), { status: 404, body: { code: 'TRACE_NOT_FOUND' } });
});

t.test('a trace of too many bytes is refused as a page', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const traceId = randomId(16);
  const text = 'x'.repeat(3.5 * 1024 ** 2);
  for (let i = 0; i < 10; i++) {
    const attributes = { [`text.${i}`]: text };
    await storeSpans(store, [
      { traceId, spanId: randomId(8), name: 'large', start: at(i), durationMs: 1, attributes },
    ]);
  }
  t.match(await get(`/api/traces/${traceId}/page`), {
    status: 422,
    body: { code: 'TRACE_TOO_LARGE', detail: /more than 32 MiB of spans/ },
  });
});
