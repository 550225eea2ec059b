import { usageTogether } from '../../../../core/traces/model/agents/usage.ts';
import type { Call } from '../../../../core/traces/model/call.ts';
import { getOrMake } from '../../../../lib/get-or-make.ts';
import { joinCalls } from './join-calls.ts';

/** One conversation of calls, of any traces. A call told twice counts once; an agent's span repeats the tokens of its calls. */
export function conversationOf(all: readonly Call[]) {
  const once = new Map(
    all.map((call, nth) => [call.spanId === '' ? nth : `${call.traceId} ${call.spanId}`, call]),
  );
  const calls = [...once.values()].sort((a, b) => a.start - b.start);
  const own = calls.filter(({ hasCalls }) => !hasCalls);
  /** Failures and retries, in a sentence each, and the positions of their calls in `calls`. */
  const problems = new Map<string, number[]>();
  for (const [index, call] of calls.entries()) {
    const sentence = call.hasCalls ? undefined : problemOf(call);
    if (sentence !== undefined) getOrMake(problems, sentence, () => []).push(index);
  }
  return {
    calls,
    /** `index` of a turn is the position of its call in `calls`. */
    turns: joinCalls(calls.map((call, index) => ({ ...call, index }))),
    models: [...new Set(own.flatMap(({ usage }) => usage.model ?? []))],
    together: usageTogether(own.map(({ usage }) => usage)),
    problems,
    traces: new Set(calls.flatMap(({ traceId }) => (traceId === '' ? [] : [traceId]))).size,
  };
}

function problemOf({ name, failed, problem = '', attempt = 1 }: Call): string | undefined {
  if (failed) return [`${name} failed`, problem].filter(Boolean).join(': ');
  return attempt > 1 ? `${name} was tried again` : undefined;
}
