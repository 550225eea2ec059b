import type { Context, Span, SpanOptions } from '@opentelemetry/api';
import { context, trace } from '@opentelemetry/api';
import { monotonicNow, nodeTiming } from '../../common/primordials.ts';
import type { Calls } from '../../road/http/call.ts';
import { answer, calls, hear, LEAST_PART_MS, rounded } from '../../road/http/call.ts';

/** Waits for connections that have ended, each until the next call of the same caller to its pool in the same turn of the loop. */
const ended: {
  readonly pool: unknown;
  readonly caller: Span | undefined;
  readonly turn: number;
  readonly since: number;
  readonly ms: number;
  readonly isNew: boolean;
}[] = [];

/** From now on, a command begins with the wait for its connection. @returns how to stop */
export function hearPools(): () => void {
  const stops = [hear(calls.poolWaited, keepWait), answer('withWait', withWait)];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Keeps the wait that ends now, if it is worth telling. */
function keepWait(pool: unknown, since: number, isNew: boolean, caller: Context): void {
  const ms = monotonicNow() - since;
  if (ms < LEAST_PART_MS) return;
  const turn = turnOfLoop();
  if (ended.at(-1)?.turn !== turn) ended.length = 0;
  ended.push({ pool, caller: trace.getSpan(caller), turn, since, ms, isNew });
}

/** The first command after a wait begins with it. */
const withWait: Calls['withWait'] = (options, pool, poolSize): SpanOptions => {
  if (ended.length === 0) return options;
  const [caller, turn] = [trace.getSpan(context.active()), turnOfLoop()];
  const at = ended.findIndex((each) => each.turn === turn && each.pool === pool && each.caller === caller);
  const [wait] = at < 0 ? [] : ended.splice(at, 1);
  if (wait === undefined) return options;
  const part = wait.isNew
    ? { 'tandem.call.connect_ms': rounded(wait.ms) }
    : { 'tandem.call.waiting_ms': rounded(wait.ms), 'tandem.call.pool_size': poolSize };
  return { ...options, startTime: wait.since, attributes: { ...options.attributes, ...part } };
};

function turnOfLoop(): number {
  return nodeTiming.uvMetricsInfo.loopCount;
}
