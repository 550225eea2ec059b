import type { Attributes, Span, SpanOptions } from '@opentelemetry/api';
import { context, SpanKind, trace } from '@opentelemetry/api';
import { ATTR_CALL_CONNECT, ATTR_CALL_POOL_SIZE, ATTR_CALL_WAITING } from '../../attributes.ts';
import { monotonicNow, nodeTiming, setImmediate } from '../../common/primordials.ts';
import { quietly } from '../../common/quietly.ts';
import { tracer } from '../../common/tracer.ts';
import type { Calls, Got, PoolCall, Turn } from '../../road/http/call.ts';
import { isAtOnce, LEAST_PART_MS, rounded, turnOfLoop, waitBetween } from '../../road/http/call.ts';
import { gaveAt, noteHolder } from './holders.ts';

/** A wait that has ended, until the next command of the same caller on its connection in the same turn of the loop. */
interface Ended {
  /** What the command is asked by: see `PoolCall`. */
  readonly key: unknown;
  readonly caller: Span | undefined;
  readonly turn: number;
  readonly since: number;
  readonly call: PoolCall;
  attributes: Attributes;
  isTaken: boolean;
}

let ended: Ended[] = [];
/** The turn of the loop in which each caller asked. */
const turns = new WeakMap<PoolCall, Turn>();

/** Connections that a pool has given, until their first command. */
const taken = new WeakSet<object>();

/** Notes the turn of the loop in which a caller asks a pool. */
export function noteTurn(call: PoolCall): void {
  turns.set(call, turnOfLoop());
}

/**
 * Keeps the wait that ends now, if it is worth telling, for the command that begins with it. Nobody waited for a connection that came
 * at once: it was free, and what the process did meanwhile was the caller's own work.
 */
export function keepWait(call: PoolCall, got: Got): void {
  const { pool, since, size, caller } = call;
  const { loopCount: turn } = nodeTiming.uvMetricsInfo;
  const until = gaveAt(got.connection) ?? monotonicNow();
  const asked = turns.get(call);
  const ms = asked !== undefined && isAtOnce(asked) ? 0 : waitBetween(since, until);
  const held = noteHolder(call, got.connection, ms);
  if (got.connection !== undefined) taken.add(got.connection);
  if (ms < LEAST_PART_MS) return;
  if (ended.at(-1)?.turn !== turn) ended = [];
  const part = got.isNew
    ? { [ATTR_CALL_CONNECT]: rounded(ms) }
    : { [ATTR_CALL_WAITING]: rounded(ms), ...(size && { [ATTR_CALL_POOL_SIZE]: size }) };
  const span = trace.getSpan(caller);
  const wait: Ended = {
    key: got.connection ?? pool,
    caller: span,
    turn,
    since,
    call,
    attributes: { ...part, ...held },
    isTaken: false,
  };
  if (call.described === undefined) takeInner(wait);
  else if (!got.isVain) setImmediate(() => quietly(() => tellAlone(wait, until)));
  ended.push(wait);
}

/** A wait in a query builder is that in the pool of its driver, which knows more of it. */
function takeInner(outer: Ended): void {
  const inner = ended.find(
    (each) => !each.isTaken && each.caller === outer.caller && each.since >= outer.since,
  );
  if (inner === undefined) return;
  inner.isTaken = true;
  outer.attributes = inner.attributes;
}

/** The first command after a wait begins with it. The first one on a connection that a pool has given knows how many the pool has. */
export const withWait: Calls['withWait'] = (options, key, size): SpanOptions => {
  const isFirst = taken.delete(Object(key));
  const wait = ended.length === 0 ? undefined : waitBefore(key);
  if (wait === undefined && !(isFirst && size)) return options;
  const attributes = { ...options.attributes, ...wait?.attributes };
  if (size && (isFirst || ATTR_CALL_WAITING in attributes)) attributes[ATTR_CALL_POOL_SIZE] = size;
  return { ...options, attributes, ...(wait && { startTime: wait.since }) };
};

/** The wait that a command of the present turn begins with. */
function waitBefore(key: unknown): Ended | undefined {
  const [caller, turn] = [trace.getSpan(context.active()), nodeTiming.uvMetricsInfo.loopCount];
  const wait = ended.find(
    (each) => !each.isTaken && each.turn === turn && each.key === key && each.caller === caller,
  );
  if (wait !== undefined) wait.isTaken = true;
  return wait;
}

/** A wait that no command of its turn begins with has a span of its own. */
function tellAlone(wait: Ended, until: number): void {
  const { isTaken, since, attributes, call } = wait;
  const described = isTaken || wait.caller === undefined ? undefined : call.described?.();
  if (described === undefined) return;
  wait.isTaken = true;
  const { name, attributes: own } = described;
  const options = { kind: SpanKind.CLIENT, startTime: since, attributes: { ...own, ...attributes } };
  tracer().startSpan(name, options, call.caller).end(until);
}
