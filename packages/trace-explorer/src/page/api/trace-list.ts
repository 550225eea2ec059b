import type { Static } from 'typebox';
import type { Place } from '../../core/places/place.ts';
import type { ParamForms } from '../../core/places/read-params.ts';
import { anyText, matching, readParam } from '../../core/places/read-params.ts';
import { shownSeconds } from '../../core/places/shown-range.ts';
import { listParams, partParams, traceParams, tracesPath } from '../../core/places/trace-paths.ts';
import type { List } from '../../core/traces/list/schemas.ts';
import { getJson } from './api.ts';

export type TracePage = Static<typeof List>;

/** The params with which a place requests traces. `last` (seconds) counts back from now. */
export function listQuery({ params }: Pick<Place, 'params'>, now = Date.now()): URLSearchParams {
  const query = traceParams(params);
  const last = shownSeconds(params);
  if (last !== undefined) query.set('start_time', String(Math.floor(now / 1000) - last));
  return query;
}

/** The filter of arriving traces: a list's params without its order. */
export function liveFilter(query: URLSearchParams): string {
  const filter = new URLSearchParams(query);
  for (const name of ['order', ...partParams()]) filter.delete(name);
  return filter.toString();
}

/** Whether the place requests fewer than all traces. */
export function isFiltered({ params }: Pick<Place, 'params'>): boolean {
  return [...listParams(), 'last'].some((name) => name !== 'order' && Boolean(params[name]));
}

/** The param `from` of a trace's URL for a list without params. */
export const UNFILTERED = 'all';

/** The position of a trace within the list from which a person opens it. */
export function placeInList(traceId: string, { params }: Pick<Place, 'params'>): Place {
  const from = new URLSearchParams(params).toString() || UNFILTERED;
  return { view: 'trace', id: traceId, params: { from } };
}

/** Reads one page of traces. */
export function readTraces(
  query: URLSearchParams,
  signal?: AbortSignal,
  cursor?: string,
): Promise<TracePage> {
  const asked = new URLSearchParams(query);
  if (cursor !== undefined) asked.set('cursor', cursor);
  return getJson<TracePage>(tracesPath(asked), signal);
}

/** Traces of a page by default, which is also the explorer's maximum. */
const PAGE = 50;
const LARGEST_PAGE = 200;

/** The number of pages that an address asks for. A person requests older pages. */
export function pagesOf({ params }: Pick<Place, 'params'>): number {
  return Number(readParam(PAGES, params.pages) ?? 1);
}

/** A number of pages. */
export const PAGES = matching(/^[1-9]\d{0,2}$/);

/** The params of a view with the list, besides its time. What is wrong with a filter the explorer says. */
export function listForms(): ParamForms {
  const filters = listParams().map((name) => [name, anyText]);
  return { ...Object.fromEntries(filters), live: ['true', 'false'], pages: PAGES };
}

/** Reads some pages of traces as one. */
export async function readPages(
  pages: number,
  query: URLSearchParams,
  signal: AbortSignal,
): Promise<TracePage> {
  const asked = new URLSearchParams(query);
  if (pages > 1) asked.set('limit', String(Math.min(pages * PAGE, LARGEST_PAGE)));
  let page = await readTraces(asked, signal);
  while (page.traces.length < pages * PAGE && page.next !== undefined) {
    const { traces } = page;
    const more = await readTraces(asked, signal, page.next);
    page = { ...more, traces: [...traces, ...more.traces] };
  }
  return page;
}
