import type { Locator, Page } from 'playwright-core';
import type { SpanStore } from '../../src/core/store/store.ts';
import type { PlainSpan } from '../spans.ts';
import { randomId, storeSpans } from '../spans.ts';

export interface StoredTrace {
  readonly traceId: string;
  /** Span ids by the labels of the tree. */
  readonly ids: Readonly<Record<string, string>>;
}

/** Nanoseconds since the epoch, so many milliseconds after a start. */
function after(start: number, ms: number): bigint {
  return BigInt(start) * 1_000_000n + BigInt(Math.round(ms * 1e6));
}

export interface HomeTraceOptions {
  /** Milliseconds since the epoch; a minute ago when left out. */
  readonly start?: number;
  /** Makes everything so many times as long. */
  readonly slower?: number;
  readonly failing?: boolean;
  /** The hosts' clocks disagree by so many milliseconds. */
  readonly skewMs?: number;
  readonly extra?: readonly PlainSpan[];
}

/** A request for the home feed as the services make it, with a browser in front. */
export async function storeHomeTrace(store: SpanStore, options: HomeTraceOptions = {}): Promise<StoredTrace> {
  const { start = Date.now() - 60_000, slower = 1, failing = false, skewMs = 0, extra = [] } = options;
  const traceId = randomId(16);
  const labels = ['web', 'home', 'data', 'select', 'get', 'users', 'lookup', 'result'] as const;
  const ids = Object.fromEntries(labels.map((label) => [label, randomId(8)])) as Record<
    (typeof labels)[number],
    string
  >;
  const span = (label: keyof typeof ids, parent: keyof typeof ids | undefined, at: number, took: number) => ({
    traceId,
    spanId: ids[label],
    ...(parent !== undefined && { parentSpanId: ids[parent] }),
    start: after(start, at * slower),
    durationMs: took * slower,
  });
  const api = { service: 'activities-api', resource: { 'host.name': 'a' } };
  const users = { service: 'user-lookup', resource: { 'host.name': 'b' } };
  const skewed = (plain: PlainSpan) => ({ ...plain, start: (plain.start ?? 0n) + BigInt(skewMs * 1e6) });
  await storeSpans(store, [
    { ...span('web', undefined, 0, 46), service: 'web', name: 'GET /api/activities/home', kind: 3 },
    {
      ...span('home', 'web', 3, 40),
      ...api,
      name: 'GET /api/activities/home',
      kind: 2,
      attributes: {
        'http.route': '/api/activities/home',
        'http.response.status_code': 200,
        'user.id': 'ada',
      },
    },
    {
      ...span('data', 'home', 4, 38),
      ...api,
      name: 'home-activities-data',
      attributes: { 'app.now': '2026-11-20T08:00:00.000Z', outer: true },
      links: [{ traceId: randomId(16), spanId: randomId(8), attributes: { why: 'cache filled by' } }],
    },
    {
      ...span('select', 'data', 5, 6),
      ...api,
      name: 'SELECT activities',
      kind: 3,
      attributes: {
        'db.system.name': 'sqlite',
        'db.query.text': 'select * from activities\nwhere expires_at > ?',
      },
    },
    {
      ...span('get', 'data', 12, 24),
      ...api,
      name: 'GET /api/users',
      kind: 3,
      ...(failing && { status: 2 as const }),
    },
    skewed({
      ...span('users', 'get', 15, 18),
      ...users,
      name: 'GET /api/users',
      kind: 2,
      ...(failing && {
        status: 2 as const,
        statusMessage: 'database is locked',
        events: [
          {
            name: 'exception',
            time: after(start, (15 + 12) * slower + skewMs),
            attributes: {
              'exception.type': 'SqliteError',
              'exception.message': 'database is locked',
              'exception.stacktrace':
                'SqliteError: database is locked\n    at findByHandles (repository.ts:31:11)\n    at findUsers (routes.ts:28:21)',
            },
          },
        ],
      }),
    }),
    skewed({ ...span('lookup', 'users', 17, 9), ...users, name: 'SELECT users', kind: 3 }),
    {
      ...span('result', 'data', 37, 4),
      ...api,
      name: 'home-result-activities',
      attributes: { 'app.result_length': 20, inner: true },
    },
    ...extra.map((each) => ({ traceId, start: after(start, 1), ...each })),
  ]);
  return { traceId, ids };
}

/** A trace of so many spans in up to eight levels, six services; every five-hundredth fails. */
export async function storeLargeTrace(store: SpanStore, count: number): Promise<string> {
  const traceId = randomId(16);
  const start = Date.now() - 60_000;
  const ids: string[] = [];
  let batch: PlainSpan[] = [];
  for (let i = 0; i < count; i++) {
    ids.push(randomId(8));
    // Eight children each: parents have been made before, in the order of a heap.
    const parent = i === 0 ? undefined : ids[Math.floor((i - 1) / 8)];
    batch.push({
      traceId,
      spanId: ids[i] ?? '',
      ...(parent !== undefined && { parentSpanId: parent }),
      service: `service-${i % 6}`,
      name: `step ${i % 40}`,
      start: after(start, (i / count) * 900),
      durationMs: i === 0 ? 1000 : 1 + (i % 97),
      attributes: { number: i },
      ...(i % 500 === 499 && { status: 2 as const }),
    });
    if (batch.length === 5000 || i === count - 1) {
      await storeSpans(store, batch);
      batch = [];
    }
  }
  return traceId;
}

/** The text of an element as a person reads it. */
export function shownText(element: Locator): Promise<string> {
  // biome-ignore lint/performance/useDomNodeTextContent: textContent has no space between what stands apart
  return element.innerText();
}

/** The number of rows that the filters of a list take. */
export function rowsOfFilters(page: Page): Promise<number> {
  return page.locator('.trace-filters > *').evaluateAll((fields) => {
    const shown = fields.map((field) => field.getBoundingClientRect()).filter(({ height }) => height > 0);
    const tops = shown.map(({ top, height }) => top + height / 2).sort((a, b) => a - b);
    return tops.filter((top, i) => i === 0 || top - (tops[i - 1] ?? 0) > 8).length;
  });
}
