import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { randomId } from '../../../spans.ts';
import type { AnyTab, StoredSpan } from './traced-page.ts';
import {
  BROWSERS,
  startPageServer,
  startSimpleServer,
  startTracedPages,
  storedSpans,
  traceWith,
} from './traced-page.ts';

t.setTimeout(240_000);

const pages = await startPageServer(t);
const { store, explorerOrigin, otlpEndpoint, api } = await startTracedPages(t, pages.origin);
pages.api = api;
const simple = await startSimpleServer(t);

/** A page whose button calls an address, and says what came back. */
function pageOf(service: string, script = `${explorerOrigin}/trace.js`) {
  return `<!doctype html><meta charset="utf-8"><title>Feed</title>
<script src="${script}" data-service="${service}"></script>
<button>Load</button><output></output>
<script src="/feed.js"></script>`;
}

pages.documents.set('/feed.js', {
  body: `
const button = document.querySelector('button');
const output = document.querySelector('output');
const say = (text) => { output.textContent = text; };
const ways = {
  fetch: (url) => fetch(url).then((answer) => answer.text()).then((text) => say('read ' + text.length), (error) => say(String(error))),
  xhr: (url) => {
    const request = new XMLHttpRequest();
    request.open('GET', url);
    request.onload = () => say('read ' + request.responseText.length);
    request.onerror = () => say('failed');
    request.send();
  },
  leave: (url) => {
    fetch(url, { keepalive: true });
    location.href = '/next';
  },
};
button.addEventListener('click', () => {
  say('');
  const { way, url } = button.dataset;
  ways[way](url);
});
`,
});

/** Clicks the page's button, as a person does; what the page then says. */
async function click(tab: AnyTab, way: string, url: string): Promise<string> {
  await tab.evaluate(`Object.assign(button.dataset, ${JSON.stringify({ way, url })}); button.click(); 0`);
  return until(async () => String(await tab.evaluate('output.textContent')) || undefined, {
    what: () => `an answer of ${url}: ${tab.lines.join('\n')}`,
  });
}

let limit = 1;
/** An address of the API that no other request has. */
const feedOf = (origin: string) => `${origin}/api/activities/home?limit=${++limit}`;

// In Firefox by night.
for (const [browser, open] of Object.entries(BROWSERS)) {
  if (browser !== 'Chromium' && !IS_NIGHT) continue;
  t.test(browser, async (t) => {
    const tab = await open(t);
    const service = `page-${browser.toLowerCase()}`;
    pages.documents.set('/', { body: pageOf(service) });

    t.test('click, request, service and statement are one waterfall', async (t) => {
      await tab.goto(`${pages.origin}/`);
      for (const [way, url] of [
        ['fetch', feedOf(pages.origin)],
        ['fetch', feedOf(api)],
        ['xhr', feedOf(pages.origin)],
        ['xhr', feedOf(api)],
      ] as const) {
        t.match(await click(tab, way, url), /^read \d{3,}/, `${way} ${url}`);
        const spans = await traceWith(store, service, url, 7);
        const root = spans.find(({ parentId }) => parentId === null);
        t.match(root, { service, name: 'GET', kind: 'client', status: 200, url });
        const server = spans.find(({ parentId }) => parentId === root?.spanId);
        t.match(server, { service: 'activities-api', name: 'GET /api/activities/home', kind: 'server' });
        t.ok(
          spans.some(({ name }) => name === 'SELECT users'),
          'down to the second service',
        );
      }
      const all = await storedSpans(store);
      t.notOk(
        all.some(({ name }) => name?.startsWith('HEAD')),
        'the question to another port is in no trace',
      );
      const phases = all.filter(
        ({ annotation, service: of }) => annotation === 'span_event' && of === service,
      );
      t.ok(phases.some(({ name }) => name === 'responseStart'));
      t.same(
        tab.lines.filter((line) => line.includes('trace.js')),
        [],
      );
    });

    for (const entry of ['trace', 'traceparent'])
      t.test(`the load of the document is in the trace that Server-Timing names as ${entry}`, async (t) => {
        const [traceId, parentId] = [randomId(16), randomId(8)];
        pages.documents.set(`/loaded/${entry}`, {
          body: pageOf(service),
          headers: { 'server-timing': `${entry};desc="00-${traceId}-${parentId}-01"` },
        });
        await tab.goto(`${pages.origin}/loaded/${entry}`);
        const [load] = await traceWith(store, service, `${pages.origin}/loaded/${entry}`);
        t.match(load, { traceId, parentId, name: 'documentLoad', kind: 'internal', status: 200 });
        const events = (await storedSpans(store)).filter(
          (span) => span.traceId === traceId && span.annotation,
        );
        const order = ['responseStart', 'domInteractive', 'domComplete', 'loadEventEnd'];
        t.same(
          events.flatMap(({ name }) => (name !== null && order.includes(name) ? [name] : [])),
          order,
        );
      });

    t.test('a server whose CORS has no traceparent answers as before', async (t) => {
      for (const way of ['fetch', 'xhr']) {
        simple.received.length = 0;
        await tab.goto(`${pages.origin}/`);
        const url = `${simple.origin}/${browser}/${way}`;
        t.equal(await click(tab, way, url), 'read 11');
        t.equal(await click(tab, way, url), 'read 11');
        t.same(
          simple.received.filter((line) => line.startsWith('GET')),
          Array(2).fill(`GET /${browser}/${way} without context`),
        );
        const [span, ...others] = await traceWith(store, service, url);
        t.match(span, { name: 'GET', status: 200 });
        t.same(others, [], 'each in a trace of its own');
      }
      t.match(
        tab.lines.join('\n'),
        `trace.js: ${simple.origin} does not allow this page to send traceparent`,
      );
    });

    t.test('spans outlive a page change', async (t) => {
      pages.documents.set('/next', { body: '<!doctype html><title>Next</title><output>next</output>' });
      const url = feedOf(pages.origin);
      await tab.goto(`${pages.origin}/`);
      await tab.evaluate(
        `Object.assign(button.dataset, ${JSON.stringify({ way: 'leave', url })}); button.click(); 0`,
      );
      const spans = await traceWith(store, service, url, 7);
      t.match(
        spans.find(({ parentId }) => parentId === null),
        { service, url },
      );
    });

    t.test('an uncaught error is in the trace of the answer before it', async (t) => {
      await tab.goto(`${pages.origin}/`);
      const url = feedOf(pages.origin);
      await click(tab, 'fetch', url);
      await tab.evaluate(`
        setTimeout(() => { null.feed; });
        setTimeout(() => { Promise.reject(new RangeError('too far')); });
        setTimeout(() => { Promise.reject({ status: 409 }); }); 0`);
      const errorsOf = (spans: readonly StoredSpan[]) =>
        spans
          .filter((span) => span.service === service && span.name === 'uncaught error')
          .map(({ error }) => error)
          .sort();
      await until(async () => errorsOf(await storedSpans(store)).length === 3);
      t.same(errorsOf(await traceWith(store, service, url)), ['Error', 'RangeError', 'TypeError']);
    });

    t.test('a page gets what its request was ended with, whatever that is', async (t) => {
      await tab.goto(`${pages.origin}/`);
      const isSame = await tab.evaluate(`(() => {
        const reason = Object.create(null);
        return fetch('/', { signal: AbortSignal.abort(reason) }).catch((error) => error === reason);
      })()`);
      t.equal(isSame, true);
    });

    t.test('where the explorer is away the page works, and one line says so', async (t) => {
      // Discard: no browser talks to it, so it is refused without a try.
      const body = (await (await fetch(`${explorerOrigin}/trace.js`)).text()).replace(
        otlpEndpoint,
        'http://127.0.0.1:1',
      );
      pages.documents.set('/away.js', { body });
      pages.documents.set('/away', { body: pageOf('away', '/away.js') });
      await tab.goto(`${pages.origin}/away`);
      const isSaid = () => tab.lines.filter((line) => line.includes('takes no spans of this page'));
      await until(() => isSaid().length > 0);
      simple.received.length = 0;
      t.match(await click(tab, 'fetch', feedOf(pages.origin)), 'read');
      t.match(await click(tab, 'xhr', feedOf(pages.origin)), 'read');
      t.equal(await click(tab, 'fetch', `${simple.origin}/away`), 'read 11');
      t.same(simple.received, ['GET /away without context']);
      t.equal(isSaid().length, 1);
    });

    t.test('a page whose policy does not allow the receiver works', async (t) => {
      pages.documents.set('/strict', {
        body: pageOf('strict'),
        headers: {
          'content-security-policy': `default-src 'self'; script-src 'self' ${explorerOrigin}`,
        },
      });
      tab.lines.length = 0;
      await tab.goto(`${pages.origin}/strict`);
      await until(() => tab.lines.find((line) => /trace\.js: .*Content-Security-Policy/s.test(line)));
      t.match(await click(tab, 'fetch', feedOf(pages.origin)), 'read');
    });
  });
}
