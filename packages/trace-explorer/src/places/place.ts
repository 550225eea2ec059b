import type { QuerySpecInput } from '../query/parse/query-spec.ts';

/** The views, in the order of the navigation; `trace` is reached from the others. */
export const VIEW_NAMES = ['overview', 'query', 'traces', 'logs', 'map', 'try', 'trace'] as const;
export type ViewName = (typeof VIEW_NAMES)[number];

/** Where a person is: a view and everything that it shows. The URL says all of it, so every state of a view can be linked to. */
export interface Place {
  readonly view: ViewName;
  /** The trace of view `trace`. */
  readonly id?: string;
  /** A param that is absent means the view's default. */
  readonly params: Readonly<Record<string, string>>;
}

/** The place that a URL of this page names; undefined when it is not one of the page's. */
export function parsePlace(url: Pick<URL, 'pathname' | 'searchParams'>): Place | undefined {
  const [name = '', id, ...rest] = url.pathname.split('/').filter((part) => part !== '');
  const params = Object.fromEntries(url.searchParams);
  if (rest.length > 0) return undefined;
  if (name === 'trace') {
    return id === undefined ? undefined : { view: 'trace', id: safelyDecoded(id), params };
  }
  if (id !== undefined) return undefined;
  if (name === '') return { view: isOverview(params) ? 'overview' : 'query', params };
  const view = VIEW_NAMES.find((each) => each === name && each !== 'overview');
  return view === undefined ? undefined : { view, params };
}

/** The path and search of a place. */
export function hrefOf({ view, id, params }: Place): string {
  const search = new URLSearchParams(params).toString();
  const atRoot = view === 'overview' || (view === 'query' && !isOverview(params));
  const path = atRoot ? '/' : id === undefined ? `/${view}` : `/${view}/${encodeURIComponent(id)}`;
  return search === '' ? path : `${path}?${search}`;
}

/** Params of the start view; anything else at `/` is a query's, whose links have always begun there. */
const OVERVIEW_PARAMS = ['last', 'start', 'end', 'service', 'order', 'find', 'compare'];

function isOverview(params: Place['params']): boolean {
  return Object.keys(params).every((name) => OVERVIEW_PARAMS.includes(name));
}

/** A query, run as soon as the place is reached. */
export function queryPlace(query: QuerySpecInput, dataset = '__all__'): Place {
  return { view: 'query', params: { dataset, query: JSON.stringify(query) } };
}

/** A trace, at a span when one is named. */
export function tracePlace(id: string, span?: string): Place {
  return { view: 'trace', id, params: span === undefined ? {} : { span } };
}

/** A part of a URL as it was meant; as it is where it is not well formed. */
function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
