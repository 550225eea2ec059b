import { counted } from '../../../../lib/text/words.ts';
import type { TraceModel } from '../../model/trace-model.ts';
import type { DraftFinding, FindingRule } from '../finding.ts';

const LOST = 'See whether its service samples or drops spans, or has yet to send them.';

/** Spans that did not arrive, arrived late, or do not belong to a single trace. */
export const tornTrace: FindingRule = {
  name: 'torn-trace',
  category: 'telemetry',
  cause: (place) => `Spans of traces that begin with ${place} have not come`,
  find({ model }) {
    const { late_root_s: late, cut } = model.arrival;
    const missing = model.marked('missing_parent');
    const roots = rootsOf(model);
    const parentless = `The parent of ${counted(missing.length, 'span')} has not arrived`;
    const many = `The trace has ${counted(roots.length, 'root')}`;
    return [
      ...findingIf(
        missing.length > 0,
        roots.length === 0 ? `${parentless}, so the trace has no root` : parentless,
        missing,
      ),
      ...findingIf(roots.length > 1, many, roots, 'Put one span around all of it.'),
      ...findingIf(late !== undefined, `The root span arrived ${late} s after all the others`, roots),
      ...findingIf(cut === true, `Of the trace only the first ${counted(model.count, 'span')} are shown`),
    ];
  },
};

function findingIf(
  isFound: boolean,
  sentence: string,
  indexes: readonly number[] = [],
  advice = LOST,
): DraftFinding[] {
  return isFound ? [{ sentence, advice, indexes, cost: 0 }] : [];
}

function rootsOf(model: TraceModel): readonly number[] {
  const apart = new Set([...model.marked('missing_parent'), ...model.marked('cycle_broken')]);
  const roots: number[] = [];
  for (let index = 0; index < model.count; index = model.end[index] ?? model.count)
    if (!apart.has(index)) roots.push(index);
  return roots;
}
