import t from 'tap';
import { temporaryExplorer } from './explorer.ts';
import { LONG, storeRuns } from './long-requests.ts';

t.test('each read of work that can be long ends when its sender leaves', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  await storeRuns(store);
  const reads: { readonly signal?: AbortSignal; readonly short?: boolean }[] = [];
  const read = store.read.bind(store);
  store.read = (sql, values, options = {}) => {
    reads.push(options);
    return read(sql, values, options);
  };
  for (const [method, url, payload] of LONG) {
    reads.length = 0;
    const { statusCode, body } = await app.inject({ method, url, ...(payload && { payload }) });
    t.equal(statusCode, 200, `${url} ${body.slice(0, 300)}`);
    t.not(reads.length, 0, url);
    // The parts of one trace, which readers share, are short.
    t.ok(
      reads.every(({ signal, short }) => signal !== undefined || short === true),
      url,
    );
  }
});
