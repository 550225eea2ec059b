import { formatCount } from '../../../format.ts';
import { hrefOf } from '../../../shell/place.ts';
import type { LogsState } from '../../logs/logs-place.ts';
import { logsOfTrace } from '../../logs/logs-place.ts';

interface FirstLinesProps extends Pick<Partial<LogsState>, 'level' | 'text'> {
  readonly traceId: string;
  /** Lines that were read. */
  readonly count: number;
}

/** That a trace has more log lines than are read, with the way to all of them; the filter goes along. */
export function FirstLines({ traceId, count, ...filter }: FirstLinesProps) {
  return (
    <span>
      The first {formatCount(count)} log lines are shown.{' '}
      <a href={hrefOf(logsOfTrace(traceId, filter))}>All lines of the trace</a>
    </span>
  );
}
