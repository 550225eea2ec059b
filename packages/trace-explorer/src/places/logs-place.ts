import type { Level } from '../shared/log-levels.ts';
import { LEVEL_NAMES } from '../shared/log-levels.ts';
import { readList, writeList } from './list-param.ts';
import type { Place } from './place.ts';

/** State of the Logs view. All of the state is in the URL. */
export interface LogsState {
  readonly service?: string | undefined;
  /** Lines of this level and above. */
  readonly level?: Level | undefined;
  readonly text: string;
  /** `field=value`, or `field` for any value, all of which a line must have. */
  readonly fields: readonly string[];
  /** Seconds back from now; or from when to when, seconds since the epoch. */
  readonly last?: number | undefined;
  readonly start?: number | undefined;
  readonly end?: number | undefined;
  /** Follows what comes, instead of showing what there is. */
  readonly tail: boolean;
  /** Id of the line that is unfolded. */
  readonly open?: string | undefined;
}

/** Reads the state from a place; params that make no sense count as absent. */
export function readLogsState({ params }: Pick<Place, 'params'>): LogsState {
  const seconds = (name: string) =>
    /^\d{1,10}(?:\.\d{1,6})?$/.test(params[name] ?? '') ? Number(params[name]) : undefined;
  const [start, end] = [seconds('start'), seconds('end')];
  const last = start === undefined && end === undefined ? seconds('last') : undefined;
  return {
    service: params.service || undefined,
    level: LEVEL_NAMES.find((name) => name === params.level),
    text: params.q ?? '',
    // `field` is what the API and the list of traces call it.
    fields: [...new Set([...readList(params.where), params.field ?? ''])]
      .filter((pair) => pair !== '')
      .slice(0, 20),
    last,
    start,
    end,
    tail: params.mode === 'tail',
    open: /^\d{1,15}$/.test(params.open ?? '') ? params.open : undefined,
  };
}

/** The lines of one trace, all of them. */
export function logsOfTrace(traceId: string, given: Pick<Partial<LogsState>, 'level' | 'text'> = {}): Place {
  const { level, text = '' } = given;
  return logsPlace({ level, text, fields: [`trace.trace_id=${traceId}`], tail: false });
}

/** The place of a state; defaults are left out. */
export function logsPlace(state: LogsState): Place {
  const entries: [string, string | undefined][] = [
    ['mode', state.tail ? 'tail' : undefined],
    ['service', state.service],
    ['level', state.level],
    ['q', state.text || undefined],
    ['where', writeList(state.fields)],
    ['last', state.last?.toString()],
    ['start', state.start?.toString()],
    ['end', state.end?.toString()],
    ['open', state.open],
  ];
  const params = Object.fromEntries(
    entries.filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return { view: 'logs', params };
}

/** The conditions as the explorer takes them; a tail has no times. Milliseconds since the epoch. */
export function logsQuery(state: LogsState, now = Date.now()): URLSearchParams {
  const query = new URLSearchParams();
  if (state.service !== undefined) query.set('service', state.service);
  if (state.level !== undefined) query.set('level', state.level);
  if (state.text.trim() !== '') query.set('text', state.text.trim());
  for (const pair of state.fields) query.append('field', pair);
  if (state.tail) return query;
  const start = state.last === undefined ? state.start : now / 1000 - state.last;
  if (start !== undefined) query.set('start_time', String(start));
  if (state.end !== undefined) query.set('end_time', String(state.end));
  return query;
}

/** Whether fewer than all lines are asked for. */
export function isNarrowed({ service, level, text, fields, last, start, end }: LogsState): boolean {
  return (
    [service, level, last, start, end].some((each) => each !== undefined) ||
    text.trim() !== '' ||
    fields.length > 0
  );
}
