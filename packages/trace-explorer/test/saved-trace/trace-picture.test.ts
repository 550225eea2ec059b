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

t.test('names that cannot be seen stand by their code points', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const traceId = randomId(16);
  await storeSpans(store, [{ traceId, service: '\u202eecivres', name: '   ' }]);
  const { body } = await get(`/api/traces/${traceId}/picture`);
  t.match(body, '⟨U+202E⟩ecivres');
  t.match(body, '⟨U+0020⟩⟨U+0020⟩⟨U+0020⟩');
  t.notMatch(body, '\u202e');
});

t.test('of many findings it says how many it leaves out', async (t) => {
  const { store, get } = await temporaryExplorer(t);
  const traceId = randomId(16);
  const start = BigInt(Date.now()) * 1_000_000n;
  const at = (milliseconds: number) => start + BigInt(milliseconds) * 1_000_000n;
  const spans = Array.from({ length: 7 }, (_, part) => {
    const own = { traceId, service: 'shop' };
    const [parent, from] = [randomId(8), part * 200];
    const call = { ...own, parentSpanId: parent, name: `SELECT table${part}`, kind: 3, durationMs: 10 };
    const attributes = {
      'db.system.name': 'sqlite',
      'db.query.text': `SELECT * FROM table${part} WHERE id = ?`,
    };
    return [
      { ...own, spanId: parent, name: `part ${part}`, kind: 2, start: at(from), durationMs: 190 },
      ...Array.from({ length: 15 }, (_, index) => ({
        ...call,
        attributes,
        start: at(from + 1 + index * 12),
      })),
    ];
  });
  await storeSpans(store, spans.flat());
  const { body } = await get(`/api/traces/${traceId}/picture`);
  t.equal(body.match(/⚠/g)?.length, 5);
  t.match(body, /… and \d+ more findings?</);
});
