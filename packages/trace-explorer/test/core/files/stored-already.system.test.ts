import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { withoutStored } from '../../../src/core/files/stored-already.ts';
import type { SpanStore } from '../../../src/core/store/store.ts';
import { at, ids } from '../../explorer.ts';
import { decoded, storeLogs, storeSpans, temporaryStore } from '../../spans.ts';

const id = ids();
const ITEMS = 3_000;
/** Of a store's memory: a row's message has 8 KiB at most. */
const MOST_ROWS = 500;

t.test('of thousands of spans and lines with one time a few are in memory at once', async (t) => {
  const store = await temporaryStore(t);
  const same = { traceId: id('trace', 16), spanId: id('span'), start: at(0) };
  const spans = Array.from({ length: ITEMS }, (_, n) => ({ ...same, name: `${n}` }));
  const lines = Array.from({ length: ITEMS }, (_, n) => ({ time: at(0), body: `${n}` }));
  await storeSpans(store, spans);
  await storeLogs(store, lines);
  let most = 0;
  const read: SpanStore['read'] = async (...asked) => {
    const result = await store.read(...asked);
    most = Math.max(most, result.rows.length);
    return result;
  };
  const watched = {
    read,
    fields: () => store.fields(),
    scopes: (ids: readonly number[]) => store.scopes(ids),
    wholeSpan: (...whole: Parameters<SpanStore['wholeSpan']>) => store.wholeSpan(...whole),
  } as SpanStore;
  for (const part of [
    decoded([...spans.slice(-2), { ...same, name: 'new' }]),
    decodedLogs([...lines.slice(-2), { time: at(0), body: 'new' }]),
  ]) {
    const { fitting, left } = await withoutStored(watched, part, Number.MAX_SAFE_INTEGER);
    t.equal(left, 2, 'those that are stored');
    t.match(fitting, 'recordCount' in fitting ? { recordCount: 1 } : { spanCount: 1 });
  }
  t.equal(most, MOST_ROWS);
});
