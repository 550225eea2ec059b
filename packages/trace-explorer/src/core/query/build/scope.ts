import type { Filter, QuerySpecInput } from '../parse/query-spec.ts';

export type RowScope = 'requests' | 'roots' | 'spans' | 'logs' | 'rows';

export const SCOPES: Readonly<Record<RowScope, string>> = {
  requests: 'Requests (server spans)',
  roots: 'Whole traces (root spans)',
  spans: 'All spans',
  logs: 'Log records',
  rows: 'All rows (spans, their events and links, log records)',
};

/** Requests as the overview counts them: a calculated field, and a condition on this field. */
export const IS_REQUEST = {
  field: { name: 'is_request', expression: 'OR($span.kind = "server", NOT(EXISTS($trace.parent_id)))' },
  filter: { column: 'is_request', op: '=', value: true },
} as const;

/** Requests that a service answers. */
export const REQUESTS: Filter = { column: 'span.kind', op: '=', value: 'server' };
const ROOTS: Filter = { column: 'trace.parent_id', op: 'does-not-exist' };
/** Only rows of spans have a kind. Rows of span events, span links and log records have none. */
export const SPANS: Filter = { column: 'span.kind', op: 'exists' };
const LOGS: Filter = { column: 'meta.signal_type', op: '=', value: 'log' };

const CONDITIONS: Readonly<Record<RowScope, readonly Filter[]>> = {
  requests: [REQUESTS],
  // Log records may lack a parent, too.
  roots: [ROOTS, SPANS],
  spans: [SPANS],
  logs: [LOGS],
  rows: [],
};

/** The scope that a query's conditions describe. */
export function scopeOf({ filters = [], filter_combination }: QuerySpecInput): RowScope {
  if (filter_combination === 'OR' && filters.length > 1) return 'rows';
  const has = (filter: Filter) => filters.some((each) => isSame(each, filter));
  if (has(REQUESTS)) return 'requests';
  if (has(ROOTS)) return 'roots';
  if (has(SPANS)) return 'spans';
  return has(LOGS) ? 'logs' : 'rows';
}

/**
 * The unit that BubbleUp compares. For a query of requests the unit is a trace, because the cause of a slow request is
 * most often a span below it.
 */
export function comparedOf(query: QuerySpecInput): 'traces' | 'events' {
  const { filters = [], filter_combination, calculated_fields = [] } = query;
  const isAny = filter_combination === 'OR' && filters.length > 1;
  const isOfRequests =
    filters.some((each) => isSame(each, IS_REQUEST.filter)) &&
    calculated_fields.some(({ expression }) => expression === IS_REQUEST.field.expression);
  if (isOfRequests && !isAny) return 'traces';
  return ['requests', 'roots'].includes(scopeOf(query)) ? 'traces' : 'events';
}

/** The query with another scope; undefined for a query with OR, which takes no further condition. */
export function withScope(query: QuerySpecInput, scope: RowScope): QuerySpecInput | undefined {
  const { filters = [], filter_combination, ...rest } = query;
  if (filter_combination === 'OR' && filters.length > 1) return undefined;
  const scopes = [...Object.values(CONDITIONS).flat(), IS_REQUEST.filter];
  const others = filters.filter((each) => !scopes.some((own) => isSame(each, own)));
  return { ...rest, filters: [...CONDITIONS[scope], ...others] };
}

function isSame(a: Filter, b: Filter): boolean {
  return a.column === b.column && a.op === b.op && a.value === b.value;
}
