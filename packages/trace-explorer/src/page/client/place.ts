import type { QuerySpecInput } from './query-input.ts';

/** The views, in the order of the navigation; `trace` is reached from the others. */
export const viewNames = ['query', 'traces', 'live', 'map', 'try', 'trace'] as const;
export type ViewName = (typeof viewNames)[number];

/** Where a person is: a view and everything that it shows. The URL is nothing else, so every view is a link. */
export interface Place {
  readonly view: ViewName;
  /** The trace of view `trace`. */
  readonly id?: string;
  /** What is not said is what the view shows by default. */
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
  const view = name === '' ? 'query' : viewNames.find((each) => each === name && each !== 'query');
  return view === undefined ? undefined : { view, params };
}

/** The path and search of a place. */
export function hrefOf({ view, id, params }: Place): string {
  const path = view === 'query' ? '/' : id === undefined ? `/${view}` : `/${view}/${encodeURIComponent(id)}`;
  const search = new URLSearchParams(params).toString();
  return search === '' ? path : `${path}?${search}`;
}

/** A query, run as soon as the place is reached. */
export function queryPlace(query: QuerySpecInput, dataset = '__all__'): Place {
  return { view: 'query', params: { dataset, query: JSON.stringify(query) } };
}

/** A trace, at a span when one is named. */
export function tracePlace(id: string, span?: string): Place {
  return { view: 'trace', id, params: span === undefined ? {} : { span } };
}

/** The list of traces; the params are those of `GET /api/traces`. */
export function tracesPlace(params: Readonly<Record<string, string>> = {}): Place {
  return { view: 'traces', params };
}

function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
