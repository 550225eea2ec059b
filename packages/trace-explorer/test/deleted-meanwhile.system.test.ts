import t from 'tap';
import { IS_NIGHT } from '../../../test/helpers/nightly.ts';
import { temporaryExplorer } from './explorer.ts';
import { LONG, SHORT, storeRuns } from './long-requests.ts';

// At night too: with the deletion before each statement of a request.

/** By night each statement: no route has as many. */
const MOST_STATEMENTS = IS_NIGHT ? 200 : 1;

type Request = readonly [method: 'GET' | 'POST', url: string, payload?: object];

for (const [method, url, payload] of [...LONG, ...SHORT] as readonly Request[])
  t.test(`${method} ${url}: answered when everything is deleted before one of its statements`, async (t) => {
    const { app, store } = await temporaryExplorer(t);
    const read = store.read.bind(store);
    for (let statement = 0; statement < MOST_STATEMENTS; statement++) {
      await storeRuns(store);
      let statements = 0;
      let deleting: Promise<unknown> | undefined;
      store.read = (...given) => {
        // The deletion waits for nothing, so the statement waits for it.
        if (statements++ === statement) deleting = store.delete({ all: true });
        return read(...given);
      };
      const { statusCode, body } = await app.inject({ method, url, ...(payload && { payload }) });
      store.read = read;
      if (deleting === undefined) return t.equal(statusCode, 200, `whole, with ${statement} statements`);
      await deleting;
      // What the path names may be gone.
      t.ok([200, 404].includes(statusCode), `before statement ${statement}: ${statusCode} ${body}`);
    }
  });
