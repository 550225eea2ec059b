import { decodedLogs } from '@tandem/otlp/testing';
import type { FastifyInstance } from 'fastify';
import type { Test } from 'tap';
import t from 'tap';
import type { SpanStore } from '../src/core/store/store.ts';
import { cutStatements } from './core/store/break-duckdb.ts';
import { temporaryExplorer } from './explorer.ts';
import { LONG, SHORT, storeRuns } from './long-requests.ts';
import { randomId, storeSpans } from './spans.ts';

/** No route has as many. */
const MOST_STATEMENTS = 200;

/** Turns of the event loop in which nothing is read: then a request has ended. */
const MOST_TURNS = 50;

type Request = readonly [method: 'GET' | 'POST', url: string, payload?: object];

/** Whether a request has an answer; not where its connection ended early. */
async function isAnswered(app: FastifyInstance, [method, url, payload]: Request): Promise<boolean> {
  return app.inject({ method, url, ...(payload && { payload }) }).then(
    ({ statusCode }) => statusCode < 300,
    () => false,
  );
}

/** Sends a request again and again, each time without the rows of another one of its statements. */
async function cutEach(
  t: Test,
  { app, store }: { app: FastifyInstance; store: SpanStore },
  request: Request,
): Promise<void> {
  const reads: Promise<unknown>[] = [];
  const read = store.read.bind(store);
  store.read = (...given) => {
    const reading = read(...given);
    reads.push(reading);
    return reading;
  };
  for (let statement = 0; statement < MOST_STATEMENTS; statement++) {
    const { cut, restore } = cutStatements(t, (each) => each === statement);
    const hasAnswer = await isAnswered(app, request);
    // A refused request may have further statements under way, and take turns with others before the next one.
    for (let turns = 0; turns < MOST_TURNS; turns = reads.length > 0 ? 0 : turns + 1) {
      await Promise.allSettled(reads.splice(0));
      await new Promise((resolve) => setImmediate(resolve));
    }
    restore();
    if (cut() > 0) t.notOk(hasAnswer, `without the rows of statement ${statement}`);
    else {
      t.ok(hasAnswer, `whole, with ${statement} statements`);
      t.ok(statement > 0);
      break;
    }
  }
  store.read = read;
}

for (const request of [...LONG, ...SHORT] as readonly Request[])
  t.test(
    `${request[0]} ${request[1]}: no answer when rows of one of its statements are missing`,
    async (t) => {
      const explorer = await temporaryExplorer(t);
      await storeRuns(explorer.store);
      await cutEach(t, explorer, request);
    },
  );

t.test(
  'a cause, its traces, a log record and a query: no answer when rows of one of their statements are missing',
  async (t) => {
    const explorer = await temporaryExplorer(t);
    const { app, store } = explorer;
    await storeRuns(store);
    const attributes = { 'exception.type': 'E', 'exception.message': 'no stock' };
    await storeSpans(store, [
      { traceId: randomId(16), spanId: randomId(8), name: 'buy', kind: 2, status: 2, attributes },
    ]);
    await store.write(decodedLogs([{ body: 'sold out' }]));
    const { logs } = (await app.inject('/api/logs')).json();
    const { causes } = (await app.inject('/api/causes')).json();
    const { id } = (await app.inject({ method: 'POST', url: '/1/queries/__all__', payload: {} })).json();
    const cause = `/api/causes/${encodeURIComponent(causes[0].id)}`;
    for (const request of [
      // They take the causes that were just found.
      ['GET', cause],
      ['GET', `${cause}/traces`],
      ['GET', `/api/logs/${logs[0].id}`],
      ['POST', '/1/query_results/__all__', { query_id: id }],
    ] as const satisfies readonly Request[])
      await t.test(request[1].split('/', 3).join('/'), (t) => cutEach(t, explorer, request));
  },
);
