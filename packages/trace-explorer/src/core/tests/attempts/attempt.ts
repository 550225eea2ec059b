import { isLoopbackHost } from '../../../lib/text/loopback.ts';
import { quoted } from '../../../lib/text/words.ts';
import { isCall, isRequest } from '../../traces/findings/facts.ts';
import { saysNothing } from '../../traces/findings/words.ts';
import { answerOf } from '../../traces/model/children.ts';
import { messageShape, shapedName, THIS_MACHINE } from '../../traces/model/shapes.ts';
import { stallsOf } from '../../traces/model/stalls.ts';
import type { TraceModel } from '../../traces/model/trace-model.ts';

/** A call within an attempt of a test: by the test itself, or by a request that it made. */
export interface AttemptCall {
  /** Equal for calls of the same operation at the same place: below the same requests and calls. */
  readonly key: string;
  /** The key of the call above; empty for a call of the test itself. */
  readonly above: string;
  /** What was called, with `…` for ids: `GET /orders/…`, `SELECT items`. */
  readonly operation: string;
  readonly depth: number;
  /** The status, `ok`, or what the error is called; undefined where nobody knows, because the attempt ended before. */
  readonly answer: string | undefined;
  /** Whether it had no answer when the attempt ended. */
  readonly isOpen: boolean;
  /** Whether it began when the request above had its answer: work that nobody waited for. */
  readonly isLate: boolean;
  /** Nanoseconds from the beginning of the trace. */
  readonly from: number;
  readonly until: number;
  readonly spanId: string;
}

/** What one attempt of a test did. */
export interface Attempt {
  readonly traceId: string;
  readonly spanId: string;
  /** Why it failed; empty for one that passed. */
  readonly failure: string;
  /** In the order of time. */
  readonly calls: readonly AttemptCall[];
  /** Errors that were logged, or thrown and caught, by their text without ids and numbers. */
  readonly logged: ReadonlyMap<string, LoggedError>;
  /** When it ended, in nanoseconds from the beginning of the trace. */
  readonly end: number;
  /** How long the process stood still over the moment of the attempt's end, in nanoseconds; 0 where it did not. */
  readonly stalled: number;
}

interface LoggedError {
  readonly text: string;
  readonly spanId: string;
}

/** Most calls of an attempt that are compared, and levels of requests below each other that are told apart. */
const [MOST_CALLS, MOST_LEVELS] = [2_000, 20];
/** Nanoseconds: a shorter stall is a usual turn of the event loop. */
const LEAST_STALL_NS = 100e6;
/** Nanoseconds in which a test notices after a stall that it has failed. */
const NOTICED_NS = 20e6;
/** Nanoseconds in which a server may end its span after the answer has come, and the test is over. */
const ENDS_LATER_NS = 20e6;
/** A browser asks for a site's icon when it likes. */
const OF_BROWSER = /\/favicon\.ico$/;
/** A pool connects when others are busy. */
const CONNECTS = /(?:^|[^a-z])connect$/i;

interface AttemptOptions {
  /** The span whose end is the end of the attempt; by default the first. */
  readonly body?: number;
  /** The texts of log records of errors, by the ids of their spans. */
  readonly errors?: ReadonlyMap<string, readonly string[]>;
}
const NO_ERRORS: ReadonlyMap<string, readonly string[]> = new Map();

/**
 * What an attempt did, by the spans below its own.
 * @param indexes the spans of the attempt, in the order of time: one, or a runner's spans of hooks and body
 * @param failure why it failed; empty where it passed
 */
export function attemptAt(
  model: TraceModel,
  indexes: readonly number[],
  failure: string,
  { body = indexes[0] ?? 0, errors = NO_ERRORS }: AttemptOptions = {},
): Attempt {
  const end = endOf(model, body);
  const over = Math.max(...indexes.map((index) => endOf(model, index)));
  const calls: AttemptCall[] = [];
  const logged = new Map<string, LoggedError>();
  const note = (text: string, spanId: string) => {
    const key = messageShape(text);
    if (!logged.has(key)) logged.set(key, { text: quoted(text, 160), spanId });
  };
  let stalled = 0;
  for (const root of indexes) {
    /** The call that a span belongs to, by the span's index. */
    const callOf = new Map<number, AttemptCall>();
    for (let index = root; index < (model.end[root] ?? 0); index++) {
      stalled = Math.max(stalled, stalledAt(model, index, end));
      // What a request still does when the test is over is none of the attempt.
      if (index !== root && (model.offset[index] ?? 0) >= over) continue;
      const spanId = model.spanId(index);
      for (const text of errors.get(spanId) ?? []) note(text, spanId);
      if (index === root) continue;
      const thrown = errorAt(model, index);
      if (thrown !== undefined) note(thrown, spanId);
      const up = model.parent[index] ?? -1;
      const above = callOf.get(up);
      const call = calls.length < MOST_CALLS ? callAt(model, index, above, end) : undefined;
      if (call !== undefined) calls.push(call);
      const own = call ?? above;
      if (own !== undefined) callOf.set(index, own);
    }
  }
  const spanId = model.spanId(body);
  calls.sort((a, b) => a.from - b.from);
  return { traceId: model.traceId, spanId, failure, calls, logged, end, stalled };
}

/** Whether a test failed because it took too long, by what its runner says. */
export function isTimeLimit({ failure }: Pick<Attempt, 'failure'>): boolean {
  return /\btim(?:e|ed)[ -]?out\b/i.test(failure.slice(0, 500));
}

/** A span as a call of the attempt; undefined for a span that is part of the call above, or of no call. */
function callAt(
  model: TraceModel,
  index: number,
  above: AttemptCall | undefined,
  end: number,
): AttemptCall | undefined {
  const up = model.parent[index] ?? -1;
  const isAsked = isRequest(model, index) && !isCall(model, up);
  if (!isAsked && (!isCall(model, index) || CONNECTS.test(model.name(index).slice(-20)))) return undefined;
  const answering = isAsked ? index : answerOf(model, index, isRequest);
  const operation = operationAt(model, index, answering);
  if (OF_BROWSER.test(operation)) return undefined;
  const [from, until] = [model.offset[index] ?? 0, endOf(model, index)];
  // A caller may read on, or keep its connection, when the answer has long been made.
  const isOpen = from < end && endOf(model, answering ?? index) > end + ENDS_LATER_NS;
  const own = `${above?.key ?? ''}\n${operation}`;
  const depth = (above?.depth ?? 0) + 1;
  return {
    key: depth > MOST_LEVELS ? (above?.key ?? '') : own,
    above: above?.key ?? '',
    operation,
    depth,
    answer: answerText(model, index, answering, isOpen),
    isOpen,
    isLate: above !== undefined && from >= above.until,
    from,
    until,
    spanId: model.spanId(index),
  };
}

function endOf(model: TraceModel, index: number): number {
  return (model.offset[index] ?? 0) + (model.length[index] ?? 0);
}

/** What is called, without what changes with each attempt: ids, and the ports of this machine. */
function operationAt(model: TraceModel, index: number, answering: number | undefined): string {
  const at = answering ?? index;
  const name = model.name(at);
  if (answering !== undefined && !saysNothing(name)) return withoutIds(name);
  const [host = ''] = (model.target(index) ?? '').replace(/^[a-z]+:\/\//, '').split(/[/ ?]/, 1);
  const told = isLoopbackHost(host.replace(/:\d+$/, '')) ? THIS_MACHINE : host;
  const shape = model.shape(at) ?? model.shape(index);
  return withoutIds(
    shapedName(name, shape, answering === undefined && saysNothing(name) ? told : '').replaceAll(':id', '…'),
  );
}

/** Ids, and numbers that stand alone. */
const IDS =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{16,}\b|(?<![^\s/:=#,-])\d+(?![^\s/:=#?,-])/gi;

function withoutIds(name: string): string {
  return quoted(name, 120).replace(IDS, '…');
}

/** What a call answered. An error after the end of the attempt comes of the end: a server that was closed, for example. */
function answerText(
  model: TraceModel,
  index: number,
  answering: number | undefined,
  isOpen: boolean,
): string | undefined {
  const own = model.statusCode(index);
  const status = own ?? (answering === undefined ? undefined : model.statusCode(answering));
  const failed = model.error[index] === 1;
  if (status !== undefined && status !== '0' && (!failed || !/^[123]\d\d$/.test(status))) return status;
  if (isOpen) return undefined;
  if (!failed) return 'ok';
  return model.exceptionType(index) ?? messageShape(model.problem(index) ?? 'an error');
}

/** The exception that was logged in a span, or that a piece of work ended with which is neither a call nor a request. */
function errorAt(model: TraceModel, index: number): string | undefined {
  const isWork = model.error[index] === 1 && !isCall(model, index) && !isRequest(model, index);
  return model.logged(index) ?? (isWork ? model.exception(index) : undefined);
}

/** How long the process of a span stood still over a moment, in nanoseconds. */
function stalledAt(model: TraceModel, index: number, moment: number): number {
  const stalls = stallsOf(model, index).filter(
    ({ from, until }) => from <= moment && moment <= until + NOTICED_NS,
  );
  const longest = Math.max(0, ...stalls.map(({ from, until }) => until - from));
  return longest < LEAST_STALL_NS ? 0 : longest;
}
