import { FAILED } from '../../shared/failed-spans.ts';
import type { Filter, QuerySpecInput } from '../parse/query-spec.ts';
import { LOGS, REQUESTS, SPANS } from './scope.ts';

export interface ReadyMadeQuery {
  readonly key: string;
  readonly title: string;
  /** One sentence about the answer. */
  readonly about: string;
  readonly query: QuerySpecInput;
}

/** Seconds of a query without a time range: people look at recent requests. */
export const DEFAULT_SECONDS = 600;

/** The distribution of latencies, for requests that match further conditions. */
export function requestsOf(filters: readonly Filter[]): QuerySpecInput {
  return {
    calculations: [
      { op: 'HEATMAP', column: 'duration_ms' },
      { op: 'P90', column: 'duration_ms' },
    ],
    filters: [REQUESTS, ...filters],
    time_range: DEFAULT_SECONDS,
  };
}

/** The query that the view opens with. */
export const defaultQuery = requestsOf([]);

export const readyMadeQueries: readonly ReadyMadeQuery[] = [
  {
    key: 'app-now',
    title: 'Requests where app.now is set',
    about:
      'COUNT of spans where app.now exists, by trace: each row is one request, and opens as a waterfall.',
    query: {
      calculations: [{ op: 'COUNT' }],
      filters: [SPANS, { column: 'app.now', op: 'exists' }],
      breakdowns: ['trace.trace_id'],
      time_range: DEFAULT_SECONDS,
    },
  },
  {
    key: 'latency',
    title: 'Latency of all requests',
    about: 'HEATMAP and P90 of server spans: how durations spread, and how slow the slowest tenth is.',
    query: defaultQuery,
  },
  {
    key: 'slow-requests',
    title: 'Requests over 300 ms, by route',
    about: 'Which routes were slow, how often, and how slow at most.',
    query: {
      calculations: [
        { op: 'COUNT' },
        { op: 'P90', column: 'duration_ms' },
        { op: 'MAX', column: 'duration_ms' },
      ],
      filters: [REQUESTS, { column: 'duration_ms', op: '>', value: 300 }],
      breakdowns: ['service.name', 'http.route'],
      time_range: DEFAULT_SECONDS,
    },
  },
  {
    key: 'latency-by-user',
    title: 'Latency of requests by user.id',
    about: 'Whose requests are slow: server spans with a user.id.',
    query: {
      calculations: [
        { op: 'P90', column: 'duration_ms' },
        { op: 'MAX', column: 'duration_ms' },
        { op: 'COUNT' },
      ],
      filters: [REQUESTS, { column: 'user.id', op: 'exists' }],
      breakdowns: ['user.id'],
      orders: [{ op: 'P90', column: 'duration_ms', order: 'descending' }],
      time_range: DEFAULT_SECONDS,
    },
  },
  {
    key: 'errors-by-service',
    title: 'Errors by service',
    about: 'All spans that failed: of which service, and of what name.',
    query: {
      calculations: [{ op: 'COUNT' }],
      filters: [SPANS, ...FAILED],
      breakdowns: ['service.name', 'name'],
      time_range: DEFAULT_SECONDS,
    },
  },
  {
    key: 'log-records',
    title: 'Log records, by level',
    about: 'How many lines each service wrote, of which level.',
    query: {
      calculations: [{ op: 'COUNT' }],
      filters: [LOGS],
      breakdowns: ['service.name', 'severity'],
      time_range: DEFAULT_SECONDS,
    },
  },
  {
    key: 'slowest-routes',
    title: 'Slowest routes',
    about: 'The routes whose slowest tenth of requests took longest.',
    query: {
      calculations: [
        { op: 'P90', column: 'duration_ms' },
        { op: 'MAX', column: 'duration_ms' },
        { op: 'COUNT' },
      ],
      filters: [REQUESTS, { column: 'http.route', op: 'exists' }],
      breakdowns: ['service.name', 'http.route'],
      orders: [{ op: 'P90', column: 'duration_ms', order: 'descending' }],
      time_range: DEFAULT_SECONDS,
    },
  },
];
