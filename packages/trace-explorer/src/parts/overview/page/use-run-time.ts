import type { Place } from '../../../core/places/place.ts';
import { rangeParams } from '../../../core/places/shown-range.ts';
import { stretchOf } from '../../../core/runs/run-words.ts';
import type { Run } from '../../../core/runs/schemas.ts';
import { getJson } from '../../../page/api/api.ts';
import { useLoad } from '../../../page/api/use-load.ts';
import { setParams } from '../../../page/browser/router.ts';

/** Shows the time of the run that `?run=ID` names alone: the last lines of `run` lead there. */
export function useRunTime({ view, params }: Place): void {
  const { run, ...others } = params;
  const isAlone = run !== undefined && Object.keys(others).length === 0;
  useLoad(
    async (signal) => {
      if (!isAlone) return;
      const { runs } = await getJson<{ runs: Run[] }>('/api/runs', signal);
      const found = runs.find(({ id }) => id === run);
      if (found !== undefined) setParams(rangeParams(view, stretchOf(found)), { replace: true });
    },
    [isAlone, run],
  );
}
