import type { AddressInfo } from 'node:net';
import t from 'tap';
import { IS_NIGHT } from '../../../../test/helpers/nightly.ts';
import { until } from '../../../../test/helpers/until.ts';
import { buildExplorer } from '../../src/app.ts';
import { demoTraces } from '../../testing/demo-data/index.ts';
import { storeSpans, temporaryStore } from '../spans.ts';
import { rootOf } from './browser.ts';
import { describedApi } from './described-api.ts';
import { openFirefox } from './firefox.ts';

/** Enough for a Firefox that starts on a busy machine. */
const LIMIT_MS = 120_000;

t.setTimeout(LIMIT_MS);

t.test('Firefox shows every view without an error, and back and forward lead through them', async (t) => {
  const traces = [...demoTraces({ spans: 1000, small: true })];
  const trace = traces.find(({ shape, spans }) => shape === 'request' && spans.length > 8);
  const store = await temporaryStore(t);
  await storeSpans(
    store,
    traces.flatMap(({ spans }) => spans),
  );
  const app = await buildExplorer({ store, apiUrl: await describedApi(rootOf(t)) });
  t.teardown(() => app.close());
  await app.listen({ host: '127.0.0.1', port: 0 });
  const origin = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;

  const firefox = await openFirefox(t);
  const shows = (selector: string) =>
    until(() => firefox.evaluate(`document.querySelector(${JSON.stringify(selector)}) !== null`), {
      what: selector,
      limitMs: LIMIT_MS / 2,
    });
  const further = [
    ['/traces', '.trace-link'],
    ['/map', '.map-node'],
    ['/logs', 'nav a[aria-current=page][href^="/logs"]'],
    ['/try', 'main button'],
  ] as const;
  for (const [path, selector] of [
    ['/', '.overview-totals'],
    ['/query', 'canvas'],
    ...(IS_NIGHT ? further : []),
    [`/trace/${trace?.traceId}`, '[role="row"] [role="gridcell"]'],
  ] as const) {
    await firefox.goto(origin + path);
    await shows(selector);
  }
  await firefox.evaluate(`document.querySelector('nav a[href^="/map"]').click()`);
  await shows('.map-node');
  await firefox.evaluate('history.back()');
  await shows('[role="row"] [role="gridcell"]');
  t.same(firefox.problems, []);
});
