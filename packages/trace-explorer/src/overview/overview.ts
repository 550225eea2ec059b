import type { TraceSummary } from '../traces/list/summaries.ts';
import type { ShareEstimates } from '../traces/read/trace-share.ts';
import type { Estimated } from '../traces/read/traffic-sql.ts';

/** How many requests there were, how fast and how well they were answered. Durations in milliseconds. */
export interface RequestFigures extends Estimated {
  readonly count: number;
  readonly errors: number;
  readonly p50_ms: number;
  readonly p95_ms: number;
}

/** Requests of one route: SERVER spans, and spans without a parent, of one service and name. */
export interface RouteFigures extends RequestFigures {
  readonly service: string;
  readonly name: string;
}

/** Requests of one user. */
export interface UserFigures extends RequestFigures {
  readonly user: string;
}

/** What services wait for outside of all services that send spans: databases, other people's APIs, queues. */
export interface DependencyFigures extends RequestFigures {
  /** As the spans name it: `postgresql ledger`, `api.example.com`. */
  readonly name: string;
  /** The fields that say so, for a query. */
  readonly fields: readonly { readonly field: string; readonly value: string }[];
  /** Milliseconds of all calls together. */
  readonly total_ms: number;
}

/** Errors of one kind: the same service, span name and message. */
export interface ErrorFigures {
  readonly service: string;
  readonly name: string;
  readonly message: string;
  readonly count: number;
  /** True where `count` is an estimate. */
  readonly estimated?: boolean;
  /** RFC 3339. */
  readonly first: string;
  readonly last: string;
  /** Where the last one is. */
  readonly trace_id: string;
  readonly span_id: string;
}

/** What is slow, what fails and what is new, of spans that started in the range (seconds since the epoch). */
export interface Overview extends ShareEstimates {
  readonly start_time: number;
  readonly end_time: number;
  /** Whether some of the figures are estimates, as sampled spans count by their sample rates. */
  readonly estimated: boolean;
  /** Spans in the store, of any time. */
  readonly spans: number;
  readonly requests: RequestFigures;
  readonly services: number;
  /** Slowest P95 first; `more_routes` are left out. */
  readonly routes: readonly RouteFigures[];
  readonly more_routes: number;
  /** The field that names users; left out when no span has one. */
  readonly user_field?: string;
  /** Those whose requests take longest, by P50. */
  readonly users: readonly UserFigures[];
  /** Most time first. */
  readonly dependencies: readonly DependencyFigures[];
  /** The latest first. */
  readonly errors: readonly ErrorFigures[];
  readonly newest: readonly TraceSummary[];
  readonly slowest: readonly TraceSummary[];
}
