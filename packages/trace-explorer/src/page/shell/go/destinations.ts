import type { Static } from 'typebox';
import type { Place } from '../../../core/places/place.ts';
import { parsePlace, queryPlace, tracePlace, VIEW_NAMES } from '../../../core/places/place.ts';
import { readyMadeQueries, requestsOf } from '../../../core/query/build/ready-made.ts';
import type { QuerySpecInput } from '../../../core/query/parse/query-spec.ts';
import { readTraceReference } from '../../../core/shared/trace-reference.ts';
import type { Status } from '../../../core/status.ts';
import type { SavedContent } from '../../../parts/query/server/saved-queries/query-folder.ts';
import { getJson } from '../../api/api.ts';
import { sendQuery } from '../../api/send-query.ts';
import { views } from '../../parts.ts';

export interface Destination {
  readonly kind: 'trace' | 'link' | 'view' | 'service' | 'route' | 'query';
  readonly text: string;
  readonly detail?: string;
  readonly place: Place;
}

const LIVE: Place = { view: 'traces', params: { live: 'true' } };

/** Destinations shown at a time. */
const MOST = 20;
/** Seconds back from now in which a route must have been called. */
const ROUTES_SECONDS = 86_400;

/** The trace or link of this page that the text names. Undefined when the text is a word to look for. */
export function namedPlace(text: string): Destination | undefined {
  const place = linkedPlace(text.trim());
  if (place !== undefined) return { kind: 'link', text: 'Open the link', detail: text.trim(), place };
  const trace = readTraceReference(text);
  if (trace === undefined) return undefined;
  return {
    kind: 'trace',
    text: `Trace ${trace.traceId}`,
    ...(trace.spanId !== undefined && { detail: `at span ${trace.spanId}` }),
    place: tracePlace(trace.traceId, trace.spanId),
  };
}

/** The place that a URL of this page names, with any of this machine's names. */
function linkedPlace(text: string): Place | undefined {
  if (!/^(?:https?:\/\/|\/)\S*$/u.test(text)) return undefined;
  const url = URL.parse(text, location.origin);
  if (url === null) return undefined;
  const local = ['localhost', '127.0.0.1', '[::1]'];
  const isHere =
    url.hostname === location.hostname || (local.includes(url.hostname) && local.includes(location.hostname));
  return isHere && url.port === location.port ? parsePlace(url) : undefined;
}

/** Destinations with names. They are read once per opening of the box. */
export async function readDestinations(signal: AbortSignal): Promise<readonly Destination[]> {
  const [services, routes, saved] = await Promise.all([
    readServices(signal),
    readRoutes(signal).catch(() => []),
    readSaved(signal).catch(() => []),
  ]);
  return [...saved, ...services, ...routes];
}

/** Views and queries, which are known without asking. */
export function knownDestinations(): readonly Destination[] {
  return [
    ...readyMadeQueries.map(
      ({ title, about, query }): Destination => ({
        kind: 'query',
        text: title,
        detail: about,
        place: queryPlace(query),
      }),
    ),
    ...VIEW_NAMES.filter((name) => views[name].hidden !== true).map(
      (view): Destination => ({ kind: 'view', text: views[view].title, place: { view, params: {} } }),
    ),
    { kind: 'view', text: 'Live', detail: 'traces as they come', place: LIVE },
  ];
}

async function readServices(signal: AbortSignal): Promise<Destination[]> {
  const { services } = await getJson<Status>('/api/status', signal);
  return services.flatMap(({ name }): Destination[] => {
    const traces: Place = { view: 'traces', params: { service: name } };
    return [
      { kind: 'service', text: name, detail: 'its page', place: { view: 'service', id: name, params: {} } },
      { kind: 'service', text: name, detail: 'its traces', place: traces },
      {
        kind: 'service',
        text: name,
        detail: 'its errors',
        place: { ...traces, params: { ...traces.params, errors: 'true' } },
      },
    ];
  });
}

async function readSaved(signal: AbortSignal): Promise<Destination[]> {
  const { queries } = await getJson<Static<typeof SavedContent>>('/api/saved', signal);
  return queries.map(({ name, description, query }) => ({
    kind: 'query',
    text: name,
    detail: description || 'saved',
    place: queryPlace(query),
  }));
}

async function readRoutes(signal: AbortSignal): Promise<Destination[]> {
  const query: QuerySpecInput = {
    calculations: [{ op: 'COUNT' }],
    filters: [
      { column: 'http.route', op: 'exists' },
      { column: 'span.kind', op: '=', value: 'server' },
    ],
    breakdowns: ['http.route', 'service.name'],
    time_range: ROUTES_SECONDS,
    limit: 1000,
  };
  const { results } = await sendQuery('__all__', query, { series: false, signal });
  return results.map(({ data }) => {
    const [route, service] = [String(data['http.route']), String(data['service.name'])];
    return {
      kind: 'route',
      text: route,
      detail: service,
      place: queryPlace(
        requestsOf([
          { column: 'service.name', op: '=', value: service },
          { column: 'http.route', op: '=', value: route },
        ]),
      ),
    };
  });
}

/** Destinations with every word of the text in them; destinations that begin with the text come first. */
export function matching(all: readonly Destination[], text: string): readonly Destination[] {
  const wanted = text.trim().toLowerCase();
  const words = wanted.split(/\s+/u);
  const found = all
    .map((each) => ({
      each,
      name: each.text.toLowerCase(),
      whole: `${each.text} ${each.detail ?? ''} ${each.kind}`.toLowerCase(),
    }))
    .filter(({ whole }) => words.every((word) => whole.includes(word)));
  const rank = (name: string) => (name.startsWith(wanted) ? 0 : name.includes(wanted) ? 1 : 2);
  return found
    .sort((a, b) => rank(a.name) - rank(b.name))
    .slice(0, MOST)
    .map(({ each }) => each);
}
