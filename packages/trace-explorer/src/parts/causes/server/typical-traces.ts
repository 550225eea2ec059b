import { placesIn } from '../../../core/problems/occurrences.ts';
import type { TraceModel } from '../../../core/traces/model/trace-model.ts';
import { rfc3339 } from '../../../lib/time/rfc3339.ts';
import type { TypicalTrace } from './schemas.ts';

/** Rows of a typical trace, and typical traces of a cause. */
const ROWS = 5;
const MOST = 10;
const NANOSECONDS = 1e6;

/**
 * Traces of a cause in a few rows each: first those of the route that its sentence names, the trace whose length is nearest to
 * their median before the others.
 */
export function typicalTraces(models: readonly TraceModel[], id: string, sentence: string): TypicalTrace[] {
  const named = new Map(models.map((model) => [model, namedOn(model, wayTo(model, id), sentence)]));
  const most = Math.max(...named.values());
  const lengths = models.filter((model) => named.get(model) === most).map(({ duration }) => duration);
  const median = lengths.toSorted((a, b) => a - b)[Math.floor(lengths.length / 2)] ?? 0;
  const distance = ({ duration }: TraceModel) => Math.abs(duration - median);
  return models
    .toSorted((a, b) => (named.get(b) ?? 0) - (named.get(a) ?? 0) || distance(a) - distance(b))
    .slice(0, MOST)
    .map((model) => ({
      trace_id: model.traceId,
      start: rfc3339(model.start),
      duration_ms: model.duration / NANOSECONDS,
      rows: rowsOf(model, id),
    }));
}

/** How many letters of a sentence are names of these spans. */
function namedOn(model: TraceModel, spans: readonly number[], sentence: string): number {
  const names = new Set(spans.map((index) => model.name(index)));
  return [...names].filter((name) => sentence.includes(name)).reduce((sum, { length }) => sum + length, 0);
}

/** The spans from the first one to the one that is to blame. */
function wayTo(model: TraceModel, id: string): number[] {
  const [{ index: blamed } = { index: 0 }] = placesIn(model, id);
  const way: number[] = [];
  for (let up = blamed; up >= 0; up = model.parent[up] ?? -1) way.unshift(up);
  return way;
}

/** The way to the span that is to blame, of a long way its ends; and the longest spans that were called on the way. */
function rowsOf(model: TraceModel, id: string): TypicalTrace['rows'] {
  const way = wayTo(model, id);
  const blamed = way.at(-1);
  const shown = new Set(way.length > ROWS ? [...way.slice(0, 1), ...way.slice(1 - ROWS)] : way);
  const length = (index: number) => model.length[index] ?? 0;
  const beside = [...model.parent.keys()].filter(
    (index) => shown.has(model.parent[index] ?? -1) && !shown.has(index),
  );
  for (const index of beside.toSorted((a, b) => length(b) - length(a)).slice(0, ROWS - shown.size))
    shown.add(index);
  return [...shown]
    .toSorted((a, b) => a - b)
    .map((index) => ({
      span_id: model.spanId(index),
      service: model.service(index),
      name: model.name(index),
      depth: model.depth[index] ?? 0,
      start_ms: (model.offset[index] ?? 0) / NANOSECONDS,
      duration_ms: length(index) / NANOSECONDS,
      error: model.error[index] === 1,
      blamed: index === blamed,
    }));
}
