import { formatCount } from '../../../format.ts';
import type { TraceModel } from '../model/trace-model.ts';

export interface TraceNoticesProps {
  readonly model: TraceModel;
  /** Spans that have arrived since the trace was read. */
  readonly waiting: number;
  readonly onReload: () => void;
}

/** What is odd about the trace, what has come since, and how it differs from another. */
export function TraceNotices({ model, waiting, onReload }: TraceNoticesProps) {
  const differences = model.comparison === undefined ? undefined : countDifferences(model);
  if (model.notices.length === 0 && waiting === 0 && differences === undefined) return null;
  return (
    <ul class="trace-notices">
      {differences !== undefined && <li>Compared with another trace: {differences}.</li>}
      {waiting > 0 && (
        <li>
          <span role="status">{formatCount(waiting)} more spans have arrived.</span>{' '}
          <button type="button" onClick={onReload}>
            Show
          </button>
        </li>
      )}
      {model.notices.map(({ code, message }) => (
        <li key={code}>
          <span aria-hidden="true">⚠</span> {message}
        </li>
      ))}
    </ul>
  );
}

function countDifferences(model: TraceModel): string {
  const counts = { added: 0, missing: 0, slower: 0, faster: 0, same: 0 };
  for (let place = 0; place < model.count; place++) {
    const difference = model.comparison?.(place).difference;
    if (difference !== undefined) counts[difference] += 1;
  }
  const { added, missing, slower, faster } = counts;
  if (added + missing + slower + faster === 0) return 'nothing differs';
  return `${formatCount(added)} added, ${formatCount(missing)} missing, ${formatCount(slower)} slower, ${formatCount(faster)} faster`;
}
