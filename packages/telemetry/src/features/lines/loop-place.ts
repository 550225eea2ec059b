import type { Context } from '@opentelemetry/api';
import { createContextKey, trace } from '@opentelemetry/api';
import { recordedContext } from '../../road/statements/query-spans.ts';
import type { Depth, Frame, Site } from './app-place.ts';
import { knownPlace, lookUp, MOST_MAPPED } from './app-place.ts';
import { MOST_FRAMES, ownError } from './call-sites.ts';
import { fileKindOf } from './file-kind.ts';
import { lineOf } from './line-of.ts';
import type { Place } from './place.ts';

/** Where a call was made, and where the loop or the function stands that makes it again, perhaps through helpers. */
export interface Called {
  readonly place: Place | undefined;
  readonly loop: Place | undefined;
}

const MADE = Symbol('made');

/** What is known of a place that has made a call: whether it was in this turn, and the loop, which is looked up once. */
interface Made {
  isSameTurn: boolean;
  loop: Place | undefined;
}

/** A span, with the places of calls below it, which are a helper's, perhaps. */
interface Calling {
  [MADE]?: Map<Place, Made>;
}

/** Runs what follows the present turn of the app's code. */
const settled = Promise.resolve();

/** Who makes the call that is about to start, from the stack; undefined in a pool's callback, which says nothing of its caller. */
export function callerIn(active: Context, depth?: Depth): Called | undefined {
  const { place, isBehindPool } = lookUp(depth);
  return isBehindPool ? undefined : calledAt(trace.getSpan(active), place);
}

/** Who asked a pool for a connection. */
interface PoolCaller extends Called {
  /** The place that took the connection: the first frame that is no helper of the pool. */
  readonly taker: Place | undefined;
}

const ASKED_BY = createContextKey('tandem asked by');
/** The names that apps give to helpers of a pool: `transaction`, `query`, `Database.withClient`. */
const HELPERS = /(?:^|\.)(?:with|run|in|get|use)*_?(?:transaction|tx|query|client|connection|connect)$/i;

/** The place that asked the pool whose callback runs in a context. */
export function askedBy(active: Context): PoolCaller | undefined {
  return active.getValue(ASKED_BY) as PoolCaller | undefined;
}

/** See `Calls`. A context without a recorded span stays as it is. */
export function asking(active: Context): Context {
  if (recordedContext() === undefined) return active;
  const { place, beyond } = lookUp(undefined, undefined, HELPERS);
  if (place === undefined) return active;
  const asked: PoolCaller = { ...calledAt(trace.getSpan(active), place), taker: beyond };
  return active.setValue(ASKED_BY, asked);
}

/** See `Calls`. */
export function lineOfAsked(asked: Context): string {
  const taker = askedBy(asked)?.taker;
  return taker === undefined ? '' : lineOf(taker);
}

/** The place of a call with its loop: known from the second call on that a place makes below a span. */
function calledAt(parent: object | undefined, place: Place | undefined): Called {
  if (parent === undefined || place === undefined) return { place, loop: undefined };
  const calling: Calling = parent;
  calling[MADE] ??= new Map();
  let made = calling[MADE].get(place);
  if (made !== undefined) made.loop ??= lookUpLoop(made.isSameTurn);
  else {
    made = { isSameTurn: false, loop: undefined };
    calling[MADE].set(place, made);
  }
  if (!made.isSameTurn) {
    made.isSameTurn = true;
    settled.then(() => {
      made.isSameTurn = false;
    });
  }
  return { place, loop: made.loop };
}

/** Built-in types whose methods call a function for each item. */
const LISTS: ReadonlySet<string | null> = new Set(['Array', 'Map', 'Set']);

/**
 * The frame of the app that repeats a call. In a later turn than the call before, that is the outermost one: V8 goes on with the
 * function that awaited the call, whose callers are not on the stack. In any turn, it is the one that has a list call a function
 * of the app for each item. Undefined where the stack does not tell.
 */
function lookUpLoop(isSameTurn: boolean): Place | undefined {
  const most = process.sourceMapsEnabled ? MOST_MAPPED : 1;
  const OwnError = ownError();
  OwnError.stackTraceLimit = MOST_FRAMES;
  const sites = new OwnError().stack as unknown as readonly Site[];
  /** Frames of the app, the outermost first. */
  let found: Frame[] = [];
  let [isApp, isOfList] = [false, false];
  for (const site of sites) {
    if (site.isAsync()) break; // it awaits the ones before
    const file = site.getFileName() ?? '';
    const kind = fileKindOf(file);
    if (kind === 'unknown') return undefined;
    const wasApp = isApp;
    isApp = kind === 'app';
    if (isApp) found = [{ site, file, isShown: true, position: site.getPosition() }, ...found].slice(0, most);
    if (isOfList) return knownPlace(found);
    isOfList = wasApp && file === '' && LISTS.has(site.getTypeName());
  }
  return isSameTurn || sites.length === MOST_FRAMES ? undefined : knownPlace(found);
}
