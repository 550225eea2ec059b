import { logsOfTrace } from '../../../../places/logs-place.ts';
import { hrefOf } from '../../../../places/place.ts';
import { changedItself, largestChange } from '../../../../traces/model/compare-traces.ts';
import type { TraceModel } from '../../../../traces/model/trace-model.ts';
import { formatCount, formatDuration } from '../../../format.ts';
import type { ShownTrace } from '../use-actions.ts';

export interface TraceNoticesProps {
  readonly shown: ShownTrace;
  /** Spans that have arrived since the trace was read. */
  readonly waiting: number;
  readonly onReload: () => void;
}

/** Spans and log lines that have arrived since, and differences from another trace. */
export function TraceNotices({ shown, waiting, onReload }: TraceNoticesProps) {
  const { model, logs, change } = shown;
  const { logLevel: level, logText: text } = shown.state;
  const compared = model.comparison !== undefined;
  const { late } = logs;
  if (waiting + late === 0 && !logs.more && !compared) return null;
  return (
    <ul class="trace-notices">
      {compared && (
        <li>
          Compared with another trace: {countDifferences(model)}. <LargestChange shown={shown} />
        </li>
      )}
      {waiting > 0 && (
        <li>
          <span role="status">
            {formatCount(waiting)} more {waiting === 1 ? 'span has' : 'spans have'} arrived.
          </span>{' '}
          <button type="button" onClick={onReload}>
            Show
          </button>
        </li>
      )}
      {logs.more && (
        <li>
          The first {formatCount(logs.lines.length)} log lines are shown.{' '}
          <a href={hrefOf(logsOfTrace(model.traceId, { level, text }))}>All lines of the trace</a>
        </li>
      )}
      {late > 0 && (
        <li>
          <span aria-hidden="true">⚠</span>{' '}
          {late === 1
            ? 'A log line belongs to a span that has not arrived.'
            : `${formatCount(late)} log lines belong to spans that have not arrived.`}{' '}
          <button type="button" onClick={() => change({ logs: true, logLevel: undefined, logText: '' })}>
            Show
            <span class="visually-hidden"> the log lines</span>
          </button>
        </li>
      )}
    </ul>
  );
}

/** The span that made the difference, as its ancestors differ by the same. */
function LargestChange({ shown: { model, goTo } }: { shown: ShownTrace }) {
  const place = largestChange(model);
  const comparison = place < 0 ? undefined : model.comparison?.(place);
  if (comparison === undefined) return null;
  const by = formatDuration(Math.abs(comparison.selfChange) / 1e6);
  const said = {
    added: `is new and took ${by} itself`,
    missing: `took ${by} itself and is missing here`,
    slower: `itself took ${by} longer`,
    faster: `itself took ${by} less`,
    same: `itself took ${by} ${comparison.selfChange > 0 ? 'longer' : 'less'}`,
  }[changedItself(comparison, model.length[place] ?? 0) ? comparison.difference : 'same'];
  return (
    <button type="button" class="plain largest-change" onClick={() => goTo(place)}>
      Most of it:{' '}
      <bdi>
        <strong>{model.name(place)}</strong>
      </bdi>{' '}
      of <bdi>{model.service(place)}</bdi> {said}.
    </button>
  );
}

function countDifferences(model: TraceModel): string {
  const counts = { added: 0, missing: 0, slower: 0, faster: 0, same: 0 };
  for (let place = 0; place < model.count; place++) {
    const difference = model.comparison?.(place).difference;
    if (difference !== undefined) counts[difference] += 1;
  }
  const { added, missing, slower, faster } = counts;
  if (added + missing + slower + faster === 0) return 'the same spans, none much slower or faster';
  return `${formatCount(added)} added, ${formatCount(missing)} missing, ${formatCount(slower)} slower, ${formatCount(faster)} faster`;
}
