import type { SpanStore } from '../src/core/store/store.ts';
import { ids } from './explorer.ts';
import { storeSpans } from './spans.ts';

const id = ids();
const traceId = id('trace', 16);
const query = { calculations: [{ op: 'COUNT' }] };

/** Requests for work that can be long: method, path, body. */
export const LONG = [
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

/** Requests about one trace or span. */
export const SHORT = [
  ['GET', `/api/traces/${traceId}/outline`],
  ['GET', `/api/traces/${traceId}/spans/${id('span')}`],
  ['GET', `/api/traces/${traceId}/fields`],
  ['GET', `/api/traces/${traceId}/values?field=http.route`],
  ['GET', `/api/traces/${traceId}/search?q=north`],
] as const;

/** Stores a trace of two runs, which all of the requests find. */
export async function storeRuns(store: SpanStore): Promise<void> {
  for (const run of ['one', 'two'])
    await storeSpans(store, [
      {
        traceId,
        ...(run === 'one' && { spanId: id('span') }),
        service: 'api',
        kind: 2,
        attributes: { 'http.route': '/', shop: 'north' },
        resource: { 'tandem.run.id': run, 'tandem.run.name': run, 'service.version': '1' },
      },
    ]);
}
