import type { QuerySpecInput } from '../query/parse/query-spec.ts';
import type { ViewName } from './views.ts';
import { factsOf, viewAtRoot, viewNamed } from './views.ts';

declare module './views.ts' {
  interface ViewNames {
    query: true;
  }
}

/** A view and everything that it shows. The URL contains all of it, so that every state of a view can be linked. */
export interface Place {
  readonly view: ViewName;
  /** What a view of one thing is about: a trace's id, a service's name. */
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
  const view = name === '' ? viewAtRoot() : viewNamed(name);
  const facts = view && factsOf(view);
  if (view === undefined || facts === undefined) return undefined;
  if (name !== '' && (facts.atRoot === true || (facts.ofOne === undefined) !== (id === undefined)))
    return undefined;
  return { view, ...(id !== undefined && { id: safelyDecoded(id) }), params };
}

/** The path and search of a place; undefined when the part with its view was left out, so that no link leads there. */
export function hrefOf({ view, id, params }: Place): string | undefined {
  const facts = factsOf(view);
  if (facts === undefined) return undefined;
  const search = new URLSearchParams(params).toString();
  const path = facts.atRoot ? '/' : id === undefined ? `/${view}` : `/${view}/${encodeURIComponent(id)}`;
  return search === '' ? path : `${path}?${search}`;
}

/** The address of a place for a person elsewhere; undefined as of hrefOf. @param page base URL of the page */
export function linkTo(page: string, place: Place): string | undefined {
  const href = hrefOf(place);
  return href && page + href;
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
