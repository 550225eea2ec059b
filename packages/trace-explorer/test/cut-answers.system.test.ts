import type { FastifyInstance } from 'fastify';
import t from 'tap';
import { cutStatements } from './core/store/break-duckdb.ts';
import { temporaryExplorer } from './explorer.ts';
import { LONG, SHORT, storeRuns } from './long-requests.ts';

/** No route has as many. */
const MOST_STATEMENTS = 200;

type Request = readonly [method: 'GET' | 'POST', url: string, payload?: object];

/** The status of an answer; 0 where its connection ended early. */
async function statusOf(app: FastifyInstance, [method, url, payload]: Request) {
  return app.inject({ method, url, ...(payload && { payload }) }).then(
    ({ statusCode }) => statusCode,
    () => 0,
  );
}

for (const request of [...LONG, ...SHORT] as readonly Request[])
  t.test(
    `${request[0]} ${request[1]}: no answer when rows of one of its statements are missing`,
    async (t) => {
      const { app, store } = await temporaryExplorer(t);
      await storeRuns(store);
      const reads: Promise<unknown>[] = [];
      const read = store.read.bind(store);
      store.read = (...given) => {
        const reading = read(...given);
        reads.push(reading);
        return reading;
      };
      for (let statement = 0; statement < MOST_STATEMENTS; statement++) {
        const { cut, restore } = cutStatements(t, (each) => each === statement);
        const status = await statusOf(app, request);
        // A refused request may have further statements under way.
        for (; reads.length > 0; await Promise.allSettled(reads.splice(0)));
        restore();
        if (cut() > 0) t.not(status, 200, `without the rows of statement ${statement}`);
        else {
          t.equal(status, 200, `whole, with ${statement} statements`);
          t.ok(statement > 0);
          break;
        }
      }
    },
  );
