import type { HoneycombAccount } from '../../core/honeycomb-account.ts';
import type { QuerySpecInput } from '../../core/query/parse/query-spec.ts';
import { slugOf } from '../../lib/text/words.ts';

/** Team and environment in Honeycomb, for links. Nothing is sent there unless a person follows a link. */
export type HoneycombPlace = Readonly<HoneycombAccount>;

/** A link to the same query in Honeycomb (Honeycomb's "query template link"). */
export function honeycombQueryUrl(place: HoneycombPlace, dataset: string, query: QuerySpecInput): string {
  const slug = dataset === '__all__' ? dataset : slugOf(dataset);
  return `${environmentUrl(place)}/datasets/${encodeURIComponent(slug)}?query=${encodeURIComponent(JSON.stringify(query))}`;
}

/** A link to a trace in Honeycomb ("direct trace link"). Seconds since the epoch; a minute is added on both sides. */
export function honeycombTraceUrl(
  place: HoneycombPlace,
  trace: {
    readonly id: string;
    readonly span?: string;
    /** Service of the trace's root. In classic teams, a trace is within a dataset. */
    readonly dataset: string;
    readonly start: number;
    readonly end: number;
  },
): string {
  const params = new URLSearchParams({
    trace_id: trace.id,
    ...(trace.span !== undefined && { span: trace.span }),
    trace_start_ts: String(Math.floor(trace.start) - 60),
    trace_end_ts: String(Math.ceil(trace.end) + 60),
  });
  const within = place.environment === '' ? `/datasets/${encodeURIComponent(slugOf(trace.dataset))}` : '';
  return `${environmentUrl(place)}${within}/trace?${params}`;
}

function environmentUrl({ team, environment, region }: HoneycombPlace): string {
  const host = region === 'eu' ? 'ui.eu1.honeycomb.io' : 'ui.honeycomb.io';
  const base = `https://${host}/${encodeURIComponent(team)}`;
  // Classic teams have no environments.
  return environment === '' ? base : `${base}/environments/${encodeURIComponent(environment)}`;
}
