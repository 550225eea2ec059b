import { useMemo, useState } from 'preact/hooks';
import { outlinePath } from '../../../../core/places/trace-paths.ts';
import type { TraceOutline } from '../../../../core/traces/model/outline.ts';
import type { ComparedPart, TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { buildModel } from '../../../../core/traces/model/trace-model.ts';
import { getJson } from '../../../../page/api/api.ts';
import { useLive } from '../../../../page/api/use-live.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import type { TraceState } from './trace-state.ts';

interface TraceOptions extends Partial<Pick<TraceState, 'asSent' | 'linked' | 'compare' | 'attempts'>> {
  /** Shows arriving spans at once, instead of only counting them. */
  readonly follow?: boolean;
}

/** Reads a trace, and reports when it has grown. */
export function useTrace(
  id: string,
  { asSent = false, linked = false, compare, attempts, follow = false }: TraceOptions,
) {
  const path = outlinePath(id);
  const { value: read, ...load } = useLoad((signal) => getJson<TraceOutline | null>(path, signal), [path]);
  const other = useLoad((signal) => readOther({ compare, linked }, signal), [compare, linked]);
  const answer = load.stale ? undefined : read;
  const value = answer ?? undefined;
  const [known, setKnown] = useState({ id, spans: 0 });
  useLive((message) => {
    const isTold = message.type === 'traces' && message.more === 0;
    const summary = message.type === 'traces' && message.traces.find((trace) => trace.trace_id === id);
    if (summary) setKnown({ id, spans: summary.spans });
    if ((summary || !isTold) && (follow || value === undefined)) load.reload();
  });
  const model = useMemo(() => value && buildModel(value, { asSent }), [value, asSent]);
  const { compared, withLinked } = other.value ?? {};
  const part = attempts?.join('-');
  const shown = useMemo(() => {
    if (model && compare && compared) return compared(model, asSent, part);
    return model && linked && withLinked ? withLinked(model) : model;
  }, [model, compare, compared, withLinked, asSent, linked, part]);
  const waiting = known.id === id && value ? Math.max(0, known.spans - value.name.length) : 0;
  return {
    ...load,
    error: load.error ?? other.error,
    model: shown,
    /** What is wrong with it, where the outline says so. */
    told: value?.findings,
    /** The store has no span of the trace. One may be on its way. */
    absent: answer === null,
    waiting,
  };
}

/** The spans that are compared alone; undefined where a trace has no such span. */
function partOf(model: TraceModel, there: TraceModel, part = ''): ComparedPart | undefined {
  const [own = '', other = ''] = part.split('-');
  const found = { here: model.indexOf(own), there: there.indexOf(other) };
  return found.here < 0 || found.there < 0 ? undefined : found;
}

interface Other {
  /** Sets a trace beside the one to compare with. */
  readonly compared?: (model: TraceModel, asSent: boolean, part?: string) => TraceModel;
  readonly withLinked?: (model: TraceModel) => TraceModel;
}

/** Reads what is shown besides the trace itself. Most traces are shown alone, so the code for it comes with it. */
async function readOther(
  { compare, linked }: Pick<TraceOptions, 'compare' | 'linked'>,
  signal: AbortSignal,
): Promise<Other> {
  if (compare) {
    const [outline, { compareTraces }] = await Promise.all([
      getJson<TraceOutline | null>(outlinePath(compare), signal),
      import('./seldom.ts'),
    ]);
    const compared = (model: TraceModel, asSent: boolean, part?: string) => {
      if (!outline) return model;
      const there = buildModel(outline, { asSent });
      return compareTraces(model, there, partOf(model, there, part));
    };
    return { compared };
  }
  if (!linked) return {};
  const { withLinked } = await import('./seldom.ts');
  return { withLinked };
}
