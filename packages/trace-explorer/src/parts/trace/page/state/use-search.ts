import { useMemo } from 'preact/hooks';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { getJson } from '../../../../page/api/api.ts';
import { useLoad } from '../../../../page/api/use-load.ts';
import { usePaused } from '../../../../page/browser/use-paused.ts';

/** Milliseconds after the last key until the search begins. */
const PAUSE_MS = 150;

/** Indexes of spans whose names or values contain the text, in order. Undefined without a text, and before the answer. */
export function useSearch(model: TraceModel, text: string): readonly number[] | undefined {
  const plain = text.trim();
  const paused = usePaused(plain, PAUSE_MS);
  const wanted = plain === '' ? '' : paused;
  const { traceId } = model;
  const { value, stale } = useLoad(
    async (signal) => {
      if (wanted === '') return undefined;
      const path = `/api/traces/${traceId}/search?q=${encodeURIComponent(wanted.slice(0, 500))}`;
      return getJson<{ indexes: readonly number[] }>(path, signal);
    },
    [traceId, wanted, model.count],
  );
  return useMemo(() => {
    if (stale || value === undefined) return undefined;
    const found = new Set(value.indexes);
    const indexes: number[] = [];
    for (let index = 0; index < model.count; index++) if (found.has(model.source(index))) indexes.push(index);
    return indexes;
  }, [model, value, stale]);
}
