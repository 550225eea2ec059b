import type { Filter, QuerySpecInput } from '../../../query/parse/query-spec.ts';

/** Which spans a query looks at. */
export type Scope = 'requests' | 'roots' | 'all';

/** What each is called, with the spans that it means. */
export const SCOPES: Readonly<Record<Scope, string>> = {
  requests: 'Requests (server spans)',
  roots: 'Whole traces (root spans)',
  all: 'All spans',
};

/** What a service was asked to do. */
export const REQUESTS: Filter = { column: 'span.kind', op: '=', value: 'server' };
const ROOTS: Filter = { column: 'trace.parent_id', op: 'does-not-exist' };
/** With ROOTS: log records may have no parent, but no kind either. */
const SPANS: Filter = { column: 'span.kind', op: 'exists' };

/** The scope that a query's conditions have. */
export function scopeOf({ filters = [], filter_combination }: QuerySpecInput): Scope {
  if (filter_combination === 'OR' && filters.length > 1) return 'all';
  if (filters.some((each) => isSame(each, REQUESTS))) return 'requests';
  return filters.some((each) => isSame(each, ROOTS)) ? 'roots' : 'all';
}

/** The same query over other spans; undefined where its conditions are joined by OR, so that none can be added. */
export function withScope(query: QuerySpecInput, scope: Scope): QuerySpecInput | undefined {
  const { filters = [], filter_combination, ...rest } = query;
  if (filter_combination === 'OR' && filters.length > 1) return undefined;
  const others = filters.filter((each) => ![REQUESTS, ROOTS, SPANS].some((own) => isSame(each, own)));
  const own = scope === 'requests' ? [REQUESTS] : scope === 'roots' ? [ROOTS, SPANS] : [];
  return { ...rest, filters: [...own, ...others] };
}

function isSame(a: Filter, b: Filter): boolean {
  return a.column === b.column && a.op === b.op && a.value === b.value;
}
