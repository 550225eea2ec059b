import type { Level } from '../../lib/text/log-levels.ts';
import { LEVEL_NAMES } from '../../lib/text/log-levels.ts';
import { searchOf } from '../../lib/text/search-of.ts';
import { readList, writeList } from './list-param.ts';
import type { Place } from './place.ts';
import { definedParams } from './place.ts';
import { anyText, matching, readParams } from './read-params.ts';

declare module './views.ts' {
  interface ViewNames {
    logs: true;
  }
}

/** State of the Logs view. All of the state is in the URL. */
export interface LogsState {
  readonly service?: string | undefined;
  /** Shows lines of at least this level. */
  readonly level?: Level | undefined;
  readonly text: string;
  /** Conditions `field=value`, or `field` for any value. A line must match all of them. */
  readonly fields: readonly string[];
  /** Seconds before now. Or a start and an end, in seconds since the epoch. */
  readonly last?: number | undefined;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  /** Shows arriving lines, instead of stored ones. */
  readonly tail: boolean;
  /** Id of the unfolded line. */
  readonly open?: string | undefined;
}

/** The params of the Logs view, besides its time. */
export const LOGS_PARAMS = {
  mode: ['tail'],
  service: anyText,
  level: LEVEL_NAMES,
  q: anyText,
  where: readList,
  // The API and the list of traces call this param so.
  field: anyText,
  open: matching(/^\d{1,15}$/),
} as const;

/** Reads the state from a place. Invalid params count as absent. */
export function readLogsState({ params }: Pick<Place, 'params'>): LogsState {
  const seconds = (name: string) =>
    /^\d{1,10}(?:\.\d{1,6})?$/.test(params[name] ?? '') ? Number(params[name]) : undefined;
  const [start, end] = [seconds('start'), seconds('end')];
  const last = start === undefined && end === undefined ? seconds('last') : undefined;
  const { mode, service, level, q, where = [], field = '', open } = readParams(LOGS_PARAMS, params);
  return {
    service: service || undefined,
    level,
    text: q ?? '',
    fields: [...new Set([...where, field])].filter((pair) => pair !== '').slice(0, 20),
    last,
    start,
    end,
    // A time that is chosen in the header ends the following of new lines.
    tail: mode === 'tail' && last === undefined && start === undefined && end === undefined,
    open,
  };
}

/** The lines of one trace: all, or those of a level and with a text. */
export function logsOfTrace(traceId: string, level?: Level, text = ''): Place {
  return logsPlace({ level, text, fields: [`trace.trace_id=${traceId}`], tail: false });
}

/** The place of a state, without defaults. */
export function logsPlace(state: LogsState): Place {
  const params = definedParams({
    mode: state.tail ? 'tail' : undefined,
    service: state.service,
    level: state.level,
    q: state.text || undefined,
    where: writeList(state.fields),
    last: state.last?.toString(),
    start: state.start?.toString(),
    end: state.end?.toString(),
    open: state.open,
  });
  return { view: 'logs', params };
}

/** The conditions as params of the explorer's API. A tail has no times. Milliseconds since the epoch. */
export function logsQuery(state: LogsState, now = Date.now()): URLSearchParams {
  const { service, level, fields: field, last, start, end, tail } = state;
  const text = state.text.trim() || undefined;
  const times = { start_time: last === undefined ? start : now / 1000 - last, end_time: end };
  return searchOf({ service, level, text, field, ...(!tail && times) });
}

/** Whether the state selects fewer than all lines. */
export function isNarrowed({ service, level, text, fields, last, start, end }: LogsState): boolean {
  return (
    [service, level, last, start, end].some((each) => each !== undefined) ||
    text.trim() !== '' ||
    fields.length > 0
  );
}
