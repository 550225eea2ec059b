import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { temporaryExplorer } from './explorer.ts';
import type { PlainSpan } from './spans.ts';
import { randomId, storeSpans } from './spans.ts';

const TIMEOUT_MS = 3_000_000;
const SPANS_PER_TRACE = 10;
const TRACES = 1_000_000 / SPANS_PER_TRACE;
const TRACES_PER_WRITE = 500;
const SECONDS = 3_000;
/** Readers at a time, each of a range of its own, so that none waits for the answer of another. */
const READERS = 6;
/** Times that a reader comes again when it is asked to. */
const MOST_TRIES = 20;
/** Milliseconds of its processor time in which the main thread gives others their turn. */
const MOST_STANDING_MS = 250;

t.setTimeout(TIMEOUT_MS);
t.test(
  'verify and causes over a million spans, with six readers: the loop goes on, and each is answered in the end',
  async (t) => {
    t.setTimeout(TIMEOUT_MS);
    const { app, store } = await temporaryExplorer(t);
    const first = Date.now() - SECONDS * 1000;
    for (let from = 0; from < TRACES; from += TRACES_PER_WRITE)
      await storeSpans(
        store,
        Array.from({ length: TRACES_PER_WRITE }, (_, at) =>
          request(from + at, first + (SECONDS * 1000 * (from + at)) / TRACES),
        ).flat(),
      );
    await app.ready();
    const standing = watchLoop();
    const answers = await Promise.all(
      Array.from({ length: READERS }, async (_, reader) => {
        const url = `/api/${reader % 2 === 0 ? 'verify' : 'causes'}?time_range=${3_600 + 60 * reader}`;
        for (let tries = 1; tries < MOST_TRIES; tries++) {
          const { statusCode, headers, body } = await app.inject(url);
          if (statusCode !== 503) return { url, statusCode, body, tries };
          await sleep(Number(headers['retry-after']) * 1000);
        }
        const { statusCode, body } = await app.inject(url);
        return { url, statusCode, body, tries: MOST_TRIES };
      }),
    );
    const longest = standing();
    for (const { url, statusCode, body, tries } of answers) {
      t.comment(`${url}: ${statusCode} after ${tries} tries`);
      t.equal(statusCode, 200, `${url} ${statusCode === 200 ? '' : body}`);
    }
    t.comment(`the loop stood for ${longest.toFixed(0)} ms at most`);
    t.ok(longest <= MOST_STANDING_MS, `${longest} ms`);
  },
);

/**
 * Watches the event loop of this thread. Another program's share of the processor does not count: that is time of the machine.
 * @returns a function that ends it, and answers the longest time between two turns, in milliseconds of the thread's processor time
 */
function watchLoop(): () => number {
  let longest = 0;
  let before = threadMs();
  let isEnded = false;
  const look = () => {
    const now = threadMs();
    longest = Math.max(longest, now - before);
    before = now;
    if (!isEnded) setTimeout(look, 1);
  };
  look();
  return () => {
    isEnded = true;
    return longest;
  };
}

function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** A request through three services, of many routes; some fail, some are slow, some call in a loop. */
function request(n: number, startMs: number): PlainSpan[] {
  const traceId = randomId(16);
  const ids = Array.from({ length: SPANS_PER_TRACE }, () => randomId(8));
  const start = BigInt(Math.round(startMs * 1e6));
  const fails = n % 20 === 0;
  const slow = n % 30 === 0 ? 400 : 4;
  const route = `/orders/${n % 40}`;
  return ids.map((spanId, at): PlainSpan => {
    const parent = at === 0 ? {} : { parentSpanId: ids[at < 3 ? at - 1 : 2] ?? '' };
    const span = { traceId, spanId, ...parent, start: start + BigInt(at) * 1_000_000n };
    if (at === 0 || at === 2)
      return {
        ...span,
        service: at === 0 ? 'shop' : 'stock',
        name: `GET ${route}`,
        kind: 2,
        durationMs: slow + 40 - at,
        ...(fails && { status: 2 as const }),
        attributes: {
          'http.request.method': 'GET',
          'http.route': route,
          'url.path': `${route}?id=${n}`,
          'user.id': `user-${n % 5_000}`,
          ...(fails && { 'exception.message': `order ${n} failed`, 'exception.type': `E${n % 7}` }),
        },
      };
    if (at === 1) return { ...span, service: 'shop', name: 'GET', kind: 3, durationMs: slow + 39 };
    return {
      ...span,
      service: 'stock',
      name: 'SELECT',
      kind: 3,
      durationMs: slow / 2,
      attributes: {
        'db.system.name': 'postgresql',
        'db.query.text': `SELECT * FROM items_${n % 60} WHERE id = ${n} AND place = $1`,
        'code.function.name': `load${n % 50}`,
      },
    };
  });
}
