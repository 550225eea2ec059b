import t from 'tap';
import { ids, temporaryExplorer } from './explorer.ts';
import { storeSpans } from './spans.ts';

const traceId = ids()('trace', 16);
const query = { calculations: [{ op: 'COUNT' }] };

/** Requests for work that can be long: method, path, body. */
const LONG = [
  ['GET', '/api/overview'],
  ['GET', '/api/map'],
  ['GET', '/api/deploys'],
  ['GET', '/api/causes'],
  ['GET', '/api/verify'],
  ['GET', '/api/traces'],
  ['GET', '/api/traces?field=http.route'],
  ['GET', `/api/traces/${traceId}/like`],
  ['GET', `/api/traces/${traceId}/page`],
  ['GET', '/api/export'],
  ['GET', `/api/export?trace_id=${traceId}`],
  ['GET', '/api/logs'],
  ['GET', '/api/logs/density'],
  ['GET', '/api/logs/export'],
  ['GET', '/api/runs'],
  ['GET', '/api/report'],
  ['GET', '/api/verdict'],
  ['GET', '/api/compare?base=one&head=two'],
  ['POST', '/api/rows', { query }],
  ['POST', '/api/bubbleup', { query, selection: { column: 'duration_ms', min: 0 } }],
  ['POST', '/api/sample', { rules: [], suggest: 1000 }],
] as const;

t.test('each read of work that can be long ends when its sender leaves', async (t) => {
  const { app, store } = await temporaryExplorer(t);
  const attributes = { 'http.route': '/' };
  for (const run of ['one', 'two'])
    await storeSpans(store, [
      {
        traceId,
        service: 'api',
        kind: 2,
        attributes,
        resource: { 'tandem.run.id': run, 'tandem.run.name': run, 'service.version': '1' },
      },
    ]);
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
