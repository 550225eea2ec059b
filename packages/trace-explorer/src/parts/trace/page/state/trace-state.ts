import { readList, writeList } from '../../../../core/places/list-param.ts';
import type { Place } from '../../../../core/places/place.ts';
import { definedParams, NO_SPAN } from '../../../../core/places/place.ts';
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
const SPAN_REF = /^[0-9a-f]{16}(?:\.\d{1,6})?$/;
/** A folded span, or the first span of equal siblings that are shown one by one. */
const FOLD = /^~?[0-9a-f]{16}(?:\.\d{1,6})?$/;

/** Reads the state from a place. Invalid params count as absent. */
export function readTraceState({ params }: Pick<Place, 'params'>): TraceState {
  const id = (name: string) => (SPAN_REF.test(params[name] ?? '') ? params[name] : undefined);
  const depth = /^\d{1,4}$/.test(params.depth ?? '') ? Number(params.depth) : undefined;
  const compare = params.compare?.toLowerCase();
  return {
    span: params.span === NO_SPAN ? NO_SPAN : id('span'),
    from: params.from,
    root: id('root'),
    folded: readList(params.fold).filter((each) => FOLD.test(each)),
    depth,
    range: readRange(params.range),
    search: params.q ?? '',
    onlyMatches: params.show === 'matches',
    finding: /^[a-z-]{1,40}(?::[0-9a-f.]{16,23})?$/.test(params.finding ?? '') ? params.finding : undefined,
    columns: [...new Set(readList(params.columns))].slice(0, MAX_COLUMNS),
    color: params.color || undefined,
    tab: tabNames().find((tab) => tab === params.tab) ?? 'fields',
    asSent: params.clocks === 'sent',
    criticalPath: params.path === 'critical',
    linked: params.links === 'shown',
    compare: /^(?:[0-9a-f]{16}){1,2}$/.test(compare ?? '') ? compare : undefined,
    attempts: readAttempts(params.attempts),
    logs: params.logs === 'list' || (params.logs === 'none' ? false : undefined),
    logLevel: LEVEL_NAMES.find((name) => name === params.log_level),
    logText: params.log_q ?? '',
    line: /^\d{1,15}$/.test(params.log ?? '') ? params.log : undefined,
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
function readAttempts(text = ''): readonly [string, string] | undefined {
  const [, own, other] = /^([0-9a-f]{16})-([0-9a-f]{16})$/.exec(text) ?? [];
  return own === undefined || other === undefined ? undefined : [own, other];
}

/** Milliseconds in the URL, `12.5-80`. */
function readRange(text = ''): readonly [number, number] | undefined {
  const match = /^(\d{1,12}(?:\.\d{1,6})?)-(\d{1,12}(?:\.\d{1,6})?)$/.exec(text);
  const [from, to] = [Number(match?.[1]) * 1e6, Number(match?.[2]) * 1e6];
  return match !== null && to > from ? [from, to] : undefined;
}
