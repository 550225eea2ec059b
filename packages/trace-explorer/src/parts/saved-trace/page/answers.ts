import type { SavedTrace } from '../../../core/saved-trace/saved-trace.ts';
import { readSavedTrace } from '../../../core/saved-trace/saved-trace.ts';
import { buildModel } from '../../../core/traces/model/trace-model.ts';
import { Distinct } from '../../../lib/distinct.ts';
import { ApiError } from '../../../page/api/api.ts';

let held: ReturnType<typeof readHeld> | undefined;
type Held = NonNullable<Awaited<ReturnType<typeof readHeld>>>;

/** Answers a path of the explorer's API from the trace in this page. @throws ApiError */
export async function answerFromPage(path: string): Promise<unknown> {
  held ??= readHeld();
  const trace = await held;
  const url = new URL(path, 'http://page');
  const answer = trace === undefined ? undefined : answerOf(trace, url.pathname, url.searchParams);
  if (answer === undefined) throw new ApiError(404, 'This page holds one trace, and this is not in it.');
  return answer;
}

async function readHeld() {
  const saved = await readSavedTrace(document.documentElement.innerHTML);
  return saved && { ...saved, model: buildModel(saved.outline) };
}

function answerOf(trace: Held, path: string, params: URLSearchParams): unknown {
  const { outline, spans, logs, records, model } = trace;
  const [, kind, id, part, name] = path.slice(1).split('/');
  if (kind === 'logs') {
    if (id === undefined) return { logs };
    return records[logs.findIndex((entry) => entry.id === decodeURIComponent(id))];
  }
  if (kind !== 'traces' || id !== outline.trace_id) return undefined;
  switch (part) {
    case 'outline':
      return outline;
    case 'spans': {
      const span = spans[model.indexOf(`${name}.${params.get('copy')}`)];
      const form = params.get('form');
      return form === 'both' ? span : span?.[form === 'honeycomb' ? form : 'otlp'];
    }
    case 'fields':
      return { fields: fieldsOf(trace) };
    case 'values':
      return valuesOf(trace, params.get('field') ?? '');
    case 'search':
      return { indexes: search(trace, params.get('q') ?? '') };
    default:
      return undefined;
  }
}

function fieldsOf({ spans }: SavedTrace) {
  const counts = new Map<string, number>();
  for (const { honeycomb } of spans)
    for (const name of Object.keys(honeycomb.event?.data ?? {}))
      counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].toSorted().map(([name, count]) => ({ name, spans: count }));
}

function valuesOf({ spans }: SavedTrace, field: string) {
  const values = new Distinct<string | number | boolean>();
  const value = spans.map(({ honeycomb }) => {
    const { data = {} } = honeycomb.event ?? {};
    const own = Object.hasOwn(data, field) ? data[field] : undefined;
    return own === undefined ? -1 : values.add(own);
  });
  return { values: values.list, value };
}

/** Searches as the explorer does: values of spans, their events, links and log records, without regard to case. */
function search({ model, spans, logs, records }: Held, text: string): number[] {
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
  return spans.flatMap(({ honeycomb }, index) => {
    const isFound = [honeycomb.event, ...honeycomb.annotations].some((row) => has(row?.data));
    return isFound || withLine.has(model.spanId(index)) ? [index] : [];
  });
}
