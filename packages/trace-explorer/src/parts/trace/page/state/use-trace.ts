import { useMemo, useState } from 'preact/hooks';
import { outlinePath } from '../../../../core/places/trace-paths.ts';
import { compareTraces } from '../../../../core/traces/model/compare-traces.ts';
import type { TraceOutline } from '../../../../core/traces/model/outline.ts';
import { buildModel } from '../../../../core/traces/model/trace-model.ts';
import { withLinked } from '../../../../core/traces/model/with-linked.ts';
import { getJson } from '../../../../page/api/api.ts';
import { useLive } from '../../../../page/api/use-live.ts';
import { useLoad } from '../../../../page/api/use-load.ts';

export interface TraceOptions {
  readonly asSent?: boolean;
  /** Whether linked spans of other traces are shown. */
  readonly linked?: boolean;
  readonly compare?: string | undefined;
  /** Shows arriving spans at once, instead of only counting them. */
  readonly follow?: boolean;
}

/** Reads a trace, and reports when it has grown. */
export function useTrace(
  id: string,
  { asSent = false, linked = false, compare, follow = false }: TraceOptions = {},
) {
  const { value: read, ...load } = useLoad((signal) => readOutline(id, signal), [id]);
  const other = useLoad(
    (signal) => (compare === undefined ? Promise.resolve(undefined) : readOutline(compare, signal)),
    [compare],
  );
  const value = read?.id === id ? read.outline : undefined;
  const [known, setKnown] = useState({ id, spans: 0 });
  useLive((message) => {
    const isTold = message.type === 'traces' && message.more === 0;
    const summary = message.type === 'traces' && message.traces.find((trace) => trace.trace_id === id);
    if (summary) setKnown({ id, spans: summary.spans });
    if ((summary || !isTold) && (follow || value === undefined)) load.reload();
  });
  const model = useMemo(() => value && buildModel(value, { asSent }), [value, asSent]);
  const otherValue = compare === undefined ? undefined : other.value?.outline;
  const shown = useMemo(() => {
    if (model && otherValue) return compareTraces(model, buildModel(otherValue, { asSent }));
    return model && linked ? withLinked(model) : model;
  }, [model, otherValue, asSent, linked]);
  /** Spans that have arrived after the trace. */
  const waiting = known.id === id && value ? Math.max(0, known.spans - value.name.length) : 0;
  return {
    ...load,
    error: load.error ?? other.error,
    model: shown,
    /** No span of the trace has arrived. */
    absent: read?.id === id && value === undefined,
    waiting,
  };
}

/** The outline of a trace; undefined while the store has no span of the trace: one may be on its way. */
async function readOutline(id: string, signal: AbortSignal) {
  const outline = await getJson<TraceOutline | null>(outlinePath(id), signal);
  return { id, outline: outline ?? undefined };
}
