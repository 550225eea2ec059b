import { matchesGlob } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import budgets from '../../../../../scripts/budgets.json' with { type: 'json' };
import { pageBundle, scriptBundle } from '../../../src/core/page-server/bundle.ts';
import { useParts, viewNames } from '../../../src/core/places/views.ts';
import { part as webTracing } from '../../../src/parts/web-tracing/part.ts';
import { parts } from '../../../src/parts.ts';
import { temporaryExplorer } from '../../explorer.ts';

useParts(parts);

t.test('the browser gets its own code, what the two share, and OTLP: nothing of the server', async (t) => {
  const { assets } = await pageBundle();
  const maps = [...assets].filter(([name]) => name.endsWith('.map'));
  const sources = maps.flatMap(
    ([, { plain }]): string[] => JSON.parse(Buffer.from(plain).toString()).sources,
  );
  const own = [...new Set(sources)].filter((source) => !source.includes('node_modules'));
  t.ok(own.includes('../page/main.tsx'));
  const { page, core } = budgets.browser;
  const rooms = [...page, ...core].map((room) => `../${room}/**`);
  const allowed = [...rooms, '../parts/*/*.ts', '../../../otlp/src/**'];
  t.same(
    own.filter((source) => !allowed.some((pattern) => matchesGlob(source, pattern))),
    [],
  );
});

/** Kilobytes, gzipped, of all that a view loads before it shows something: the shell, all styles, its own chunks. */
const LIMITS: Readonly<Record<string, number>> = {
  overview: 47,
  query: 65,
  traces: 41,
  logs: 47.7,
  map: 46.2,
  try: 66.5,
  verify: 55,
  service: 55,
  trace: 88,
  cause: 55,
  conversation: 55,
  sampling: 55,
};

t.test('no view loads more than its limit', async (t) => {
  const bundle = await pageBundle();
  t.same(Object.keys(LIMITS).toSorted(), viewNames().toSorted());
  for (const [view, limit] of Object.entries(LIMITS)) {
    const names = [bundle.script, bundle.styles, ...bundle.preloads(view)];
    const zipped = await Promise.all(names.map((name) => bundle.assets.get(name)?.gzip()));
    const bytes = zipped.reduce((sum, each) => sum + (each?.length ?? 0), 0);
    t.ok(names.length > 2, `${view} has chunks of its own`);
    t.ok(bytes / 1024 <= limit, `${view}: ${(bytes / 1024).toFixed(1)} of ${limit} KB`);
  }
});

t.test('trace.js has at most 5 KB, and nothing of a package', async (t) => {
  const { script } = await scriptBundle(webTracing);
  const { length } = gzipSync(script, { level: 9 });
  t.ok(length <= 5 * 1024, `${length} bytes`);
  t.notMatch(script, /cookie|preact/);
});

const { app } = await temporaryExplorer(t, {
  apiUrl: 'http://localhost:4567',
  otlpEndpoint: 'http://localhost:14318',
});

t.test('the page is HTML with nothing inline, under a policy that allows only its own files', async (t) => {
  const { statusCode, headers, body } = await app.inject('/traces?errors=true');
  t.equal(statusCode, 200);
  t.equal(headers['cache-control'], 'no-cache');
  const policy = String(headers['content-security-policy']);
  t.match(policy, "script-src 'self';");
  t.match(policy, "style-src 'self';");
  t.match(policy, "connect-src 'self' http://localhost:4567 http://localhost:14318");
  t.notMatch(policy, 'unsafe');
  t.notMatch(body, /<script(?![^>]*src=)|<style|\sstyle=|\son\w+=/u);
});

t.test('an unknown address is a page in a browser, and a problem for a program', async (t) => {
  const read = await app.inject({ url: '/nowhere', headers: { accept: 'text/html,*/*' } });
  t.equal(read.statusCode, 404);
  t.match(read.headers['content-type'], 'text/html');
  t.match(read.body, 'There is no page at /nowhere. The overview is at /.');
  const asked = await app.inject('/nowhere');
  t.match(asked.headers['content-type'], 'application/problem+json');
});

t.test('the browser is told what the view will ask first, where the server knows it', async (t) => {
  const id = '0af7651916cd43dd8448eb211c80319c';
  for (const [url, read] of [
    ['/', '/api/overview?time_range=3600'],
    ['/?last=600', '/api/overview?time_range=600'],
    ['/service/a%26b?last=600', '/api/overview?time_range=600&amp;service=a%26b'],
    ['/verify?service=web', '/api/verify?time_range=3600&amp;service=web'],
    ['/traces', '/api/traces'],
    ['/traces?service=a%26b&errors=true', '/api/traces?service=a%26b&amp;errors=true'],
    ['/map?last=600&open=x', '/api/map?time_range=600'],
    [`/trace/${id}?span=1`, `/api/traces/${id}/outline?awaited=true`],
  ] as const) {
    const { body } = await app.inject(url);
    t.match(body, `<link rel="preload" as="fetch" crossorigin href="${read}">`, url);
    t.match(body, /&quot;liveFrom&quot;:&quot;[0-9a-f]+-\d+&quot;/u);
  }
  for (const url of ['/traces?last=600', '/query', '/try', '/trace/none'])
    t.notMatch((await app.inject(url)).body, 'rel="preload"', url);
});

t.test('trace.js is compressed as the browser takes it, and asked for again at each load', async (t) => {
  const fetch = (encoding: string) =>
    app.inject({ url: '/trace.js', headers: { 'accept-encoding': encoding } });
  const [plain, gzip] = await Promise.all([fetch('identity'), fetch('gzip, deflate, br')]);
  t.notOk(plain?.headers['content-encoding']);
  t.equal(gzip?.headers['content-encoding'], 'gzip');
  t.ok(gunzipSync(gzip.rawPayload).equals(plain?.rawPayload ?? Buffer.of()));
  for (const { headers } of [plain, gzip])
    t.match(headers, {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'no-cache',
      'access-control-allow-origin': '*',
      vary: /accept-encoding/,
    });
});

t.test('its files are compressed as the browser takes them, and kept for good', async (t) => {
  const { body: html } = await app.inject('/');
  const script = /src="(\/assets\/main-[A-Z0-9]+\.js)"/.exec(html)?.[1] ?? '';
  const fetch = (encoding: string) => app.inject({ url: script, headers: { 'accept-encoding': encoding } });
  const [plain, gzip] = await Promise.all([fetch('identity'), fetch('gzip, deflate, br')]);
  t.equal(plain?.headers['content-type'], 'text/javascript; charset=utf-8');
  t.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable');
  t.equal(gzip?.headers['content-encoding'], 'gzip');
  t.ok(gunzipSync(gzip.rawPayload).equals(plain.rawPayload));
  const map = String(plain.headers.sourcemap);
  const sources = JSON.parse((await app.inject(map)).body).sources as string[];
  t.ok(
    sources.some((each) => each.endsWith('page/main.tsx')),
    'the sourcemap leads to the sources',
  );
  t.equal((await app.inject('/assets/other.js')).statusCode, 404);
});
