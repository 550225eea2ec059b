import type { QuerySpecInput } from '../../../query/parse/query-spec.ts';

export interface ReadyMadeQuery {
  readonly key: string;
  readonly title: string;
  /** What it answers, in a sentence. */
  readonly about: string;
  readonly query: QuerySpecInput;
}

/** Seconds that a query covers when nothing else is said: people look at what they have just done. */
const DEFAULT_SECONDS = 600;

/** How latencies are distributed: the query that the view opens with. */
export const defaultQuery: QuerySpecInput = {
  calculations: [
    { op: 'HEATMAP', column: 'duration_ms' },
    { op: 'P90', column: 'duration_ms' },
  ],
  time_range: DEFAULT_SECONDS,
};

export const readyMadeQueries: readonly ReadyMadeQuery[] = [
  {
    key: 'app-now',
    title: 'Traces with app.now',
    about: 'COUNT where app.now exists, by trace: each row is one request, and opens as a waterfall.',
    query: {
      calculations: [{ op: 'COUNT' }],
      filters: [{ column: 'app.now', op: 'exists' }],
      breakdowns: ['trace.trace_id'],
      time_range: DEFAULT_SECONDS,
    },
  },
  {
    key: 'latency',
    title: 'Latency: HEATMAP and P90',
    about: 'How durations spread over time, and how slow the slowest tenth is.',
    query: defaultQuery,
  },
  {
    key: 'latency-by-user',
    title: 'Latency by user.id',
    about: 'Whose requests are slow.',
    query: {
      calculations: [
        { op: 'P90', column: 'duration_ms' },
        { op: 'MAX', column: 'duration_ms' },
        { op: 'COUNT' },
      ],
      filters: [{ column: 'user.id', op: 'exists' }],
      breakdowns: ['user.id'],
      orders: [{ op: 'P90', column: 'duration_ms', order: 'descending' }],
      time_range: DEFAULT_SECONDS,
    },
  },
  {
    key: 'errors-by-service',
    title: 'Errors by service',
    about: 'Where spans failed, and with what.',
    query: {
      calculations: [{ op: 'COUNT' }],
      filters: [{ column: 'error', op: '=', value: true }],
      breakdowns: ['service.name', 'name'],
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
      filters: [{ column: 'http.route', op: 'exists' }],
      breakdowns: ['service.name', 'http.route'],
      orders: [{ op: 'P90', column: 'duration_ms', order: 'descending' }],
      time_range: DEFAULT_SECONDS,
    },
  },
];
