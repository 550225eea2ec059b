import t from 'tap';
import { temporaryExplorer } from '../explorer.ts';
import { storeHomeTrace, storeLargeTrace } from '../page/trace-fixtures.ts';
import { randomId, storeSpans } from '../spans.ts';

t.test('a bar for each span, a legend, and the findings', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const { traceId } = await storeHomeTrace(store, { failing: true });
  const { status, type, body } = await get(`/api/traces/${traceId}/picture`);
  t.equal(status, 200);
  t.match(type, 'image/svg+xml');
  t.match(body, /^<svg xmlns="http:\/\/www.w3.org\/2000\/svg" /);
  const bars = body.match(/<rect [^>]*height="12"/g);
  t.equal(bars?.length, 8 + 3, 'of 8 spans and 3 services');
  t.match(body, /class="failed"/);
  t.match(body, /prefers-color-scheme: dark/);
  t.match(body, /⚠ GET \/api\/users of activities-api failed because of user-lookup/);
  t.notMatch(body, /<script|href=|url\(/, 'nothing runs, nothing is loaded');
});

t.test('a large trace is cut, and the picture says so', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const { body } = await get(`/api/traces/${await storeLargeTrace(store, 1000)}/picture`);
  t.match(body, '… and 800 more spans');
});

t.test('hostile names stay text', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const traceId = randomId(16);
  await storeSpans(store, [
    { traceId, service: '"><script>', name: '</text><script>alert(1)</script>\u0000\ufffe' },
  ]);
  const { body } = await get(`/api/traces/${traceId}/picture`);
  t.notMatch(body, '<script>');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML must have none
  t.notMatch(body, /[\u0000\ufffe]/);
});
