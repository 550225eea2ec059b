import { logsOfTrace } from '../../../../core/places/logs-place.ts';
import { MOST_LINKS } from '../../../../core/traces/model/outline.ts';
import { Link } from '../../../../page/components/link.tsx';
import { lazy } from '../../../../page/components/states/lazy.tsx';
import { counted, formatCount } from '../../../../page/values/format.ts';
import type { ShownTrace } from '../state/use-actions.ts';

const Compared = lazy(async () => ({ default: (await import('./later.ts')).Compared }));

export interface TraceNoticesProps {
  readonly shown: ShownTrace;
  readonly waiting: number;
  readonly onReload: () => void;
}

/** Spans and log lines that have arrived since, and differences from another trace. */
export function TraceNotices({ shown, waiting, onReload }: TraceNoticesProps) {
  const { model, logs, change } = shown;
  const compared = model.comparison !== undefined;
  const { late } = logs;
  if (waiting + late === 0 && !logs.more && !compared && !model.hasMoreLinks) return null;
  return (
    <ul class="trace-notices notice">
      {compared && (
        <li>
          <Compared shown={shown} />
        </li>
      )}
      {waiting > 0 && (
        <li>
          <span role="status">
            {counted(waiting, 'more span')} {waiting === 1 ? 'has' : 'have'} arrived.
          </span>{' '}
          <button type="button" onClick={onReload}>
            Show
          </button>
        </li>
      )}
      {model.hasMoreLinks && (
        <li>The trace has more links with other traces than these {formatCount(MOST_LINKS)}.</li>
      )}
      {logs.more && (
        <li>
          These are the first {formatCount(logs.lines.length)} log lines.{' '}
          <Link to={logsOfTrace(model.traceId, shown.state.logLevel, shown.state.logText)}>
            All lines of the trace
          </Link>
        </li>
      )}
      {late > 0 && (
        <li>
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
