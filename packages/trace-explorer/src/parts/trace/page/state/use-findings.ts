import { useMemo } from 'preact/hooks';
import { findingsPath } from '../../../../core/places/trace-paths.ts';
import type { ToldFinding } from '../../../../core/traces/model/outline.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { getJson } from '../../../../page/api/api.ts';
import { useLoad } from '../../../../page/api/use-load.ts';

/** A fault of the shown trace. */
export interface ShownFinding extends Omit<ToldFinding, 'spans'> {
  /** Indexes of its spans as they are drawn. */
  readonly indexes: readonly number[];
}

/** What is wrong with a trace, as its outline tells it; of a large one it is asked for once the rows are there. */
export function useFindings(model: TraceModel, told: readonly ToldFinding[] | undefined) {
  const { traceId } = model;
  const { value, error } = useLoad(
    async (signal) =>
      told === undefined
        ? (await getJson<{ findings: readonly ToldFinding[] }>(findingsPath(traceId), signal)).findings
        : told,
    [traceId, told],
  );
  const findings = useMemo(
    () => (told ?? value ?? []).map((each) => shownAs(model, each)),
    [model, told, value],
  );
  return { findings, error };
}

/** A finding with the indexes that its spans have beside those of another trace. */
function shownAs(model: TraceModel, { spans, ...finding }: ToldFinding): ShownFinding {
  const { own = model } = model;
  return {
    ...finding,
    indexes: own === model ? spans : spans.map((index) => model.indexOf(own.ref(index))),
  };
}
