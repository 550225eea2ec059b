import type { LogsState } from '../../../../places/logs-place.ts';
import { logsOfTrace } from '../../../../places/logs-place.ts';
import { hrefOf } from '../../../../places/place.ts';
import { formatCount } from '../../../format.ts';

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
