import { readList, writeList } from '../../../../core/places/list-param.ts';
import type { Place } from '../../../../core/places/place.ts';
import { definedParams, NO_SPAN } from '../../../../core/places/place.ts';
import { anyText, matching, readParams } from '../../../../core/places/read-params.ts';
import type { Level } from '../../../../lib/text/log-levels.ts';
import { LEVEL_NAMES } from '../../../../lib/text/log-levels.ts';
import { shownParts } from '../../../../page/shown-parts.ts';
import type {} from './contributions.ts';

/** Everything that a trace's view shows, as in its URL. */
export interface TraceState {
  /**
   * The selected span, by its name of TraceModel.ref; other spans here have such names, too. The span's panel is open. `none`
   * after the panel was closed. Undefined selects the root.
   */
  readonly span?: string | undefined;
  /** Params of the list from which the trace was opened. */
  readonly from?: string | undefined;
  /** Shows only this span and its descendants. */
  readonly root?: string | undefined;
  readonly depth?: number | undefined;
  /** Spans that are folded although the depth shows them, or shown although it folds them; and open runs, see runRef. */
  readonly folded: readonly string[];
  /** Part of the time line, nanoseconds from the trace's start. */
  readonly range?: readonly [from: number, to: number] | undefined;
  readonly search: string;
  /** Whether only matches are shown, with their ancestors. */
  readonly onlyMatches: boolean;
  /** The chosen finding, by its name of findingKey. Its spans are marked. */
  readonly finding?: string | undefined;
  readonly columns: readonly string[];
  /** The field that decides the colours; the service by default. */
  readonly color?: string | undefined;
  readonly tab: string;
  /** Whether times are as sent, without correction of clocks. */
  readonly asSent: boolean;
  readonly criticalPath: boolean;
  readonly linked: boolean;
  readonly compare?: string | undefined;
  /** Of both compared traces the spans that alone are compared, with those below: attempts of a test. */
  readonly attempts?: readonly [own: string, other: string] | undefined;
  /** Whether the log lines stand below the waterfall. Undefined: where the rows leave them half of the height. */
  readonly logs?: boolean | undefined;
  readonly logLevel?: Level | undefined;
  readonly logText: string;
  readonly line?: string | undefined;
}

/** The states of the panel's tabs, with those of other parts. */
function tabNames(): readonly string[] {
  return [
    ...['fields', 'events', 'links', 'durations', 'otlp', 'honeycomb'],
    ...shownParts().flatMap(({ spanTabs = [] }) => spanTabs.flatMap(({ states }) => states)),
  ];
}

export const MAX_COLUMNS = 4;

/** See TraceModel.ref. */
const spanRef = matching(/^[0-9a-f]{16}(?:\.\d{1,6})?$/);
const compared = matching(/^(?:[0-9a-f]{16}){1,2}$/);
/** A folded span, or the first span of equal siblings that are shown one by one. */
const FOLD = /^~?[0-9a-f]{16}(?:\.\d{1,6})?$/;

/** The params of the view. */
export const TRACE_PARAMS = {
  span: (text: string) => (text === NO_SPAN ? NO_SPAN : spanRef(text)),
  from: anyText,
  root: spanRef,
  fold: (text: string) => readList(text).filter((each) => FOLD.test(each)),
  depth: (text: string) => (/^\d{1,4}$/.test(text) ? Number(text) : undefined),
  range: readRange,
  q: anyText,
  show: ['matches'],
  finding: matching(/^[a-z-]{1,40}(?::[0-9a-f.]{16,23})?$/),
  columns: readList,
  color: anyText,
  tab: (text: string) => tabNames().find((tab) => tab === text),
  clocks: ['sent'],
  path: ['critical'],
  links: ['shown'],
  compare: (text: string) => compared(text.toLowerCase()),
  attempts: readAttempts,
  logs: ['list', 'none'],
  log_level: LEVEL_NAMES,
  log_q: anyText,
  log: matching(/^\d{1,15}$/),
} as const;

/** Reads the state from a place. Invalid params count as absent. */
export function readTraceState({ params }: Pick<Place, 'params'>): TraceState {
  const read = readParams(TRACE_PARAMS, params);
  return {
    span: read.span,
    from: read.from,
    root: read.root,
    folded: read.fold ?? [],
    depth: read.depth,
    range: read.range,
    search: read.q ?? '',
    onlyMatches: read.show !== undefined,
    finding: read.finding,
    columns: [...new Set(read.columns)].slice(0, MAX_COLUMNS),
    color: read.color || undefined,
    tab: read.tab ?? 'fields',
    asSent: read.clocks !== undefined,
    criticalPath: read.path !== undefined,
    linked: read.links !== undefined,
    compare: read.compare,
    attempts: read.attempts,
    logs: read.logs && read.logs === 'list',
    logLevel: read.log_level,
    logText: read.log_q ?? '',
    line: read.log,
  };
}

export const PLAIN_STATE: TraceState = readTraceState({ params: {} });

/** The params of a state, without defaults. */
export function stateParams(state: TraceState): Record<string, string> {
  return definedParams({
    span: state.span,
    root: state.root,
    fold: writeList(state.folded),
    depth: state.depth?.toString(),
    range: state.range?.map((ns) => (Math.round(ns) / 1e6).toString()).join('-'),
    q: state.search || undefined,
    show: state.onlyMatches ? 'matches' : undefined,
    finding: state.finding,
    columns: writeList(state.columns),
    color: state.color,
    tab: state.tab === 'fields' ? undefined : state.tab,
    clocks: state.asSent ? 'sent' : undefined,
    path: state.criticalPath ? 'critical' : undefined,
    links: state.linked ? 'shown' : undefined,
    compare: state.compare,
    attempts: state.attempts?.join('-'),
    logs: state.logs === undefined ? undefined : state.logs ? 'list' : 'none',
    log_level: state.logLevel,
    log_q: state.logText || undefined,
    log: state.line,
    from: state.from,
  });
}

/** Two spans in the URL. */
function readAttempts(text: string): readonly [string, string] | undefined {
  const [, own, other] = /^([0-9a-f]{16})-([0-9a-f]{16})$/.exec(text) ?? [];
  return own === undefined || other === undefined ? undefined : [own, other];
}

/** Milliseconds in the URL, `12.5-80`. */
function readRange(text: string): readonly [number, number] | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)-(\d{1,12}(?:\.\d{1,6})?)$/.exec(text);
  const [from, to] = [Number(match?.[1]) * 1e6, Number(match?.[2]) * 1e6];
  return match !== null && to > from ? [from, to] : undefined;
}
