import type { TraceSummary } from '../../../traces/list/summaries.ts';
import { getJson } from '../../api.ts';
import type { Place } from '../../shell/place.ts';

/** Params of the list that the explorer knows, as its `GET /api/traces` takes them. */
const KNOWN = [
  'trace_id',
  'service',
  'name',
  'errors',
  'min_duration_ms',
  'max_duration_ms',
  'field',
  'start_time',
  'end_time',
  'order',
] as const;

export interface TracePage {
  readonly traces: readonly TraceSummary[];
  readonly next?: string;
}

/** The params that a place asks the explorer with; `last` (seconds) is counted back from now. */
export function listQuery({ params }: Pick<Place, 'params'>, now = Date.now()): URLSearchParams {
  const query = new URLSearchParams();
  for (const name of KNOWN) {
    const value = params[name]?.trim();
    if (value) query.set(name, value);
  }
  if (/^\d{1,9}$/.test(params.last ?? '')) {
    query.set('start_time', String(Math.floor(now / 1000) - Number(params.last)));
  }
  return query;
}

/** True when the place asks for less than every trace. */
export function isFiltered({ params }: Pick<Place, 'params'>): boolean {
  return [...KNOWN, 'last'].some((name) => name !== 'order' && Boolean(params[name]));
}

/** Reads one page of traces. */
export function readTraces(
  query: URLSearchParams,
  signal?: AbortSignal,
  cursor?: string,
): Promise<TracePage> {
  const asked = new URLSearchParams(query);
  if (cursor !== undefined) asked.set('cursor', cursor);
  return getJson<TracePage>(`/api/traces?${asked}`, signal);
}
