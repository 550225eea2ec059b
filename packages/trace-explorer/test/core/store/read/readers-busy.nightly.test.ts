import t from 'tap';
import { ids, temporaryExplorer } from '../../../explorer.ts';
import { storeSpans } from '../../../spans.ts';

const id = ids();

/** Never ends by itself. */
const ENDLESS = 'SELECT sum(hash(range)) FROM range(1000000000000000)';
/** As many as the store reads at a time. */
const SCANS = 2;

t.test(
  'while all scans are taken, each view that needs one is answered: with 503, and when to come again',
  async (t) => {
    const { app, store } = await temporaryExplorer(t);
    await storeSpans(store, [{ traceId: id('trace', 16), spanId: id('span'), service: 'shop' }]);
    const ending = new AbortController();
    const scans = Array.from({ length: SCANS }, () => store.read(ENDLESS, [], { signal: ending.signal }));
    const ended = Promise.allSettled(scans);
    const views = [
      '/api/overview',
      '/api/map',
      '/api/traces?order=slowest',
      '/api/logs',
      '/api/logs/density',
    ];
    await Promise.all(
      views.map(async (url) => {
        const answer = await app.inject(url);
        t.match(answer, { statusCode: 503, headers: { 'retry-after': '5' } }, url);
        t.match(
          answer.json(),
          { code: 'STORE_BUSY', detail: /Too much else is being read; retry in 5 s/ },
          url,
        );
      }),
    );
    t.match(await app.inject('/api/traces'), { statusCode: 200 }, 'the newest traces need no scan');
    ending.abort();
    await ended;
    for (const url of views) t.match(await app.inject(url), { statusCode: 200 }, url);
  },
);
