import type { SavedTrace } from '../../saved-trace/saved-trace.ts';
import { readSavedTrace } from '../../saved-trace/saved-trace.ts';
import { ApiError } from '../api.ts';

let saved: Promise<SavedTrace | undefined> | undefined;

/** What the explorer would answer to a path of its API about the trace that this page holds. @throws ApiError */
export async function answerFromPage(path: string): Promise<unknown> {
  saved ??= readSavedTrace(document.documentElement.innerHTML);
  const trace = await saved;
  const url = new URL(path, 'http://page');
  const answer = trace === undefined ? undefined : answerOf(trace, url.pathname, url.searchParams);
  if (answer === undefined) throw new ApiError(404, 'This page holds one trace, and this is not in it.');
  return answer;
}

function answerOf(trace: SavedTrace, path: string, params: URLSearchParams): unknown {
  const { outline, spans, logs, records } = trace;
  const [, kind, id, part, name] = path.slice(1).split('/');
  if (kind === 'logs') {
    if (id === undefined) return { logs };
    return records[logs.findIndex((entry) => entry.id === decodeURIComponent(id))];
  }
  if (kind !== 'traces' || id !== outline.trace_id) return undefined;
  switch (part) {
    case 'outline':
      return outline;
    case 'spans':
      return spans[placeOf(trace, name ?? '', Number(params.get('copy')))]?.[
        params.get('form') === 'honeycomb' ? 'honeycomb' : 'otlp'
      ];
    case 'fields':
      return { fields: fieldsOf(trace) };
    case 'values':
      return valuesOf(trace, params.get('field') ?? '');
    case 'search':
      return { places: search(trace, params.get('q') ?? '') };
    default:
      return undefined;
  }
}

function placeOf({ outline }: SavedTrace, spanId: string, copy: number): number {
  const copies = new Map(outline.copy);
  for (let place = 0; place < outline.name.length; place++) {
    const isSame = outline.span_ids.startsWith(spanId, place * 16);
    if (isSame && (copies.get(place) ?? 0) === copy) return place;
  }
  return -1;
}

function fieldsOf({ spans }: SavedTrace) {
  const counts = new Map<string, number>();
  for (const { honeycomb } of spans)
    for (const name of Object.keys(honeycomb.event?.data ?? {}))
      counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].toSorted().map(([name, count]) => ({ name, spans: count }));
}

function valuesOf({ spans }: SavedTrace, field: string) {
  const values = spans.map(({ honeycomb }) => honeycomb.event?.data[field]);
  const distinct = [...new Set(values)].filter((value) => value !== undefined);
  const placeIn = new Map(distinct.map((value, at) => [value, at]));
  return {
    values: distinct,
    value: values.map((value) => (value === undefined ? -1 : (placeIn.get(value) ?? -1))),
  };
}

/** As the explorer searches: values of spans, their events, links and log records, without regard to case. */
function search({ outline, spans, logs, records }: SavedTrace, text: string): number[] {
  const wanted = text.toLowerCase();
  const has = (data: Readonly<Record<string, unknown>> = {}) =>
    Object.entries(data).some(
      ([name, value]) => name !== 'trace.trace_id' && String(value).toLowerCase().includes(wanted),
    );
  const withLine = new Set(
    logs.flatMap(({ span_id }, at) =>
      JSON.stringify(records[at]).toLowerCase().includes(wanted) ? [span_id] : [],
    ),
  );
  return spans.flatMap(({ honeycomb }, place) => {
    const spanId = outline.span_ids.slice(place * 16, place * 16 + 16);
    const isFound = [honeycomb.event, ...honeycomb.annotations].some((row) => has(row?.data));
    return isFound || withLine.has(spanId) ? [place] : [];
  });
}
