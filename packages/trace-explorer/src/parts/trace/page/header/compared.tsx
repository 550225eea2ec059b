import { failedOtherwise } from '../../../../core/tests/attempts/failed-otherwise.ts';
import type { TraceModel } from '../../../../core/traces/model/trace-model.ts';
import { visibleName } from '../../../../lib/text/harmless-text.ts';
import { formatCount, formatDuration, formatShare } from '../../../../page/values/format.ts';
import { largestChange } from '../../compare-traces.ts';
import type { ShownTrace } from '../state/use-actions.ts';

/** What the comparison with another trace found. */
export function Compared({ shown }: { shown: ShownTrace }) {
  const { model } = shown;
  const { own, other } = model;
  const differs = own && other && failedOtherwise(own, other.model, other.part);
  return (
    <>
      Compared with another {other?.part === undefined ? 'trace' : 'attempt'}: {countDifferences(model)}.{' '}
      {lostText(model)}
      {differs !== undefined && (
        <>
          <strong>{visibleName(differs)}</strong>.{' '}
        </>
      )}
      <LargestChange shown={shown} />
    </>
  );
}

/** The spans that made the difference, as their ancestors differ by the same. */
function LargestChange({ shown: { model, goTo } }: { shown: ShownTrace }) {
  const largest = largestChange(model);
  if (largest === undefined) return null;
  const { indexes, change, share } = largest;
  const differs = (index: number) => model.comparison?.(index).difference !== 'same';
  const index = indexes.find(differs) ?? indexes[0] ?? -1;
  return (
    <button type="button" class="plain largest-change" onClick={() => goTo(index)}>
      {share !== undefined && share >= 0.5 ? 'Most of it' : 'The largest part'}:{' '}
      {indexes.length > 1 && `${formatCount(indexes.length)} × `}
      <bdi>
        <strong>{visibleName(model.name(index))}</strong>
      </bdi>{' '}
      of <bdi>{model.service(index)}</bdi> {changeText(model, indexes, change)}
      {share !== undefined && `: ${formatShare(share)} of the difference`}.
    </button>
  );
}

function changeText(model: TraceModel, indexes: readonly number[], change: number): string {
  const by = formatDuration(Math.abs(change) / 1e6);
  const longer = change > 0 ? 'longer' : 'less';
  const [index = -1] = indexes;
  if (indexes.length === 1) {
    const difference = model.comparison?.(index).difference;
    if (difference === 'added') return `is new and took ${by}`;
    return difference === 'missing' ? `took ${by} and is missing here` : `itself took ${by} ${longer}`;
  }
  const count = (wanted: string) =>
    indexes.filter((each) => model.comparison?.(each).difference === wanted).length;
  const [added, missing] = [count('added'), count('missing')];
  const counts = [
    added > 0 && `${formatCount(added)} new`,
    missing > 0 && `${formatCount(missing)} missing here`,
  ];
  const parts = counts.filter(Boolean).join(', ');
  return `${parts === '' ? '' : `(${parts}) `}took ${by} ${longer} together`;
}

/** Spans without their parent stand apart, so they match nothing in the other trace. */
function lostText({ count, comparison, missingParent }: TraceModel): string {
  const isLost = (index: number) =>
    comparison?.(index).other === undefined && missingParent(index) !== undefined;
  const lost = Array.from({ length: count }, (_, index) => index).filter(isLost).length;
  return lost === 0 ? '' : `Parents of ${formatCount(lost)} of these spans have not arrived. `;
}

function countDifferences(model: TraceModel): string {
  const counts = { added: 0, missing: 0, slower: 0, faster: 0, same: 0 };
  for (let index = 0; index < model.count; index++) {
    const difference = model.comparison?.(index).difference;
    if (difference !== undefined) counts[difference] += 1;
  }
  const { added, missing, slower, faster } = counts;
  if (added + missing + slower + faster === 0) return 'the same spans, none much slower or faster';
  return `${formatCount(added)} added, ${formatCount(missing)} missing, ${formatCount(slower)} slower, ${formatCount(faster)} faster`;
}
