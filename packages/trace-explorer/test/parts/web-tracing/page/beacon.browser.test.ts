import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { buildReceiver } from '../../../../src/core/receiver/build-receiver.ts';
import { randomId, temporaryStore } from '../../../spans.ts';
import { BROWSERS, startPageServer, storedSpans } from './traced-page.ts';

t.setTimeout(120_000);

/** How pages send: OpenTelemetry's exporter before 0.220 without headers, with credentials by XMLHttpRequest, newer ones by fetch. */
const WAYS = {
  sendBeacon: `navigator.sendBeacon(url, new Blob([body], { type: 'application/json' }))`,
  XMLHttpRequest: `new Promise((done) => {
    const request = new XMLHttpRequest();
    request.withCredentials = true;
    request.open('POST', url);
    request.setRequestHeader('content-type', 'application/json');
    request.onloadend = () => done(request.status);
    request.send(body);
  })`,
  fetch: `fetch(url, { method: 'POST', keepalive: true, headers: { 'content-type': 'application/json' }, body })
    .then(({ status }) => status)`,
};

const pages = await startPageServer(t);
pages.documents.set('/favicon.ico', { body: '' });
pages.documents.set('/', { body: '<!doctype html><title>Page</title>' });

for (const [browser, open] of Object.entries(BROWSERS))
  t.test(`${browser}: spans of a page of another origin arrive, whichever way it sends them`, async (t) => {
    const store = await temporaryStore(t);
    const receiver = await buildReceiver({ store });
    t.teardown(() => receiver.close());
    const url = `${await receiver.listen({ host: '127.0.0.1', port: 0 })}/v1/traces`;
    const tab = await open(t);
    await tab.goto(pages.origin);
    for (const [name, send] of Object.entries(WAYS)) {
      const span = { traceId: randomId(16), spanId: randomId(8), name };
      const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
      await tab.evaluate(`((url, body) => ${send})(${JSON.stringify(url)}, ${JSON.stringify(body)})`);
    }
    const names = async () => (await storedSpans(store)).map((span) => span.name).toSorted();
    const wanted = Object.keys(WAYS).toSorted();
    await until(async () => (await names()).length === wanted.length, { what: `${wanted} from ${browser}` });
    t.same(await names(), wanted);
  });
