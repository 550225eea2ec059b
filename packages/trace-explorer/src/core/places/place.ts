import type { QuerySpecInput } from '../query/parse/query-spec.ts';

/** The views, in the order of the navigation. Other views link to `trace`. */
export const VIEW_NAMES = [
  'overview',
  'query',
  'traces',
  'logs',
  'map',
  'try',
  'verify',
  'service',
  'trace',
  'cause',
  'conversation',
  'sampling',
] as const;
export type ViewName = (typeof VIEW_NAMES)[number];

/** Views of one thing, which the URL names: a service, a cause, a trace, or the conversation that a trace belongs to. */
export const NAMED_VIEWS: readonly ViewName[] = ['service', 'cause', 'trace', 'conversation'];

/** A view and everything that it shows. The URL contains all of it, so that every state of a view can be linked. */
export interface Place {
  readonly view: ViewName;
  /** The trace's id in views `trace` and `conversation`; the cause's in view `cause`; the service's name in view `service`. */
  readonly id?: string;
  /** An absent param means the view's default. */
  readonly params: Readonly<Record<string, string>>;
}

/** The value of a trace's param `span` for no span; the panel is closed. */
export const NO_SPAN = 'none';

/** The place of a URL; undefined when the URL is not one of the page's. */
export function parsePlace(url: Pick<URL, 'pathname' | 'searchParams'>): Place | undefined {
  const [name = '', id, ...rest] = url.pathname.split('/').filter((part) => part !== '');
  const params = Object.fromEntries(url.searchParams);
  if (rest.length > 0) return undefined;
  const named = NAMED_VIEWS.find((each) => each === name);
  if (named !== undefined)
    return id === undefined ? undefined : { view: named, id: safelyDecoded(id), params };
  if (id !== undefined) return undefined;
  if (name === '') return { view: 'overview', params };
  const view = VIEW_NAMES.find((each) => each === name && each !== 'overview');
  return view === undefined ? undefined : { view, params };
}

/** The path and search of a place. */
export function hrefOf({ view, id, params }: Place): string {
  const search = new URLSearchParams(params).toString();
  const path =
    view === 'overview' ? '/' : id === undefined ? `/${view}` : `/${view}/${encodeURIComponent(id)}`;
  return search === '' ? path : `${path}?${search}`;
}

/** A query, which runs as soon as the place is opened. */
export function queryPlace(query: QuerySpecInput, dataset = '__all__'): Place {
  return { view: 'query', params: { dataset, query: JSON.stringify(query) } };
}

/** A trace, and a span in it when one is named. */
export function tracePlace(id: string, span?: string): Place {
  return { view: 'trace', id, params: span === undefined ? {} : { span } };
}

/** The params that have a value. */
export function definedParams(params: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(params);
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** A part of a URL, decoded. A malformed part stays as it is. */
function safelyDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
