import type { ModelCall, Turn } from './join-calls.ts';
import { joinCalls } from './join-calls.ts';
import type { Usage } from './usage.ts';
import { usageTogether } from './usage.ts';

/** A call of a model, or of a tool by a model, from wherever it was read: a span, or a log record that tells of one. */
export interface Call extends Omit<ModelCall, 'index'> {
  /** Empty for a log record that is in no trace. */
  readonly traceId: string;
  /** The span that leads to it. */
  readonly spanId: string;
  readonly name: string;
  readonly service: string;
  readonly failed: boolean;
  /** The failure. */
  readonly problem?: string | undefined;
  /** The attempt that this was, from 1 on. */
  readonly attempt?: number | undefined;
  /** The name of the called tool. */
  readonly tool?: string | undefined;
  /** Ids of the request or call, which log records may have, too. */
  readonly ids: readonly string[];
  readonly usage: Usage;
  /** Traces of the same run that began while a tool worked. */
  readonly meanwhile?: readonly OtherTrace[];
}

/** A trace that is not a part of the conversation. */
export interface OtherTrace {
  readonly trace_id: string;
  readonly service: string;
  readonly name: string;
}

/** The messages of all calls, and the tokens of each call. Times in milliseconds since the epoch. */
export interface Conversation {
  readonly calls: readonly Call[];
  /** `index` of a turn is the position of its call in `calls`. */
  readonly turns: readonly Turn[];
  readonly models: readonly string[];
  readonly together: Omit<Usage, 'model' | 'first'>;
  /** Failures and retries, in a sentence each, and how often. */
  readonly problems: ReadonlyMap<string, number>;
  readonly traces: number;
}

/** One conversation of calls, of any traces. A call told twice counts once; an agent's span repeats the tokens of its calls. */
export function conversationOf(given: readonly Call[]): Conversation {
  const once = new Map(
    given.map((call, nth) => [call.spanId === '' ? nth : `${call.traceId} ${call.spanId}`, call]),
  );
  const calls = [...once.values()].sort((a, b) => a.start - b.start);
  const own = calls.filter(({ hasCalls }) => !hasCalls);
  const problems = new Map<string, number>();
  for (const sentence of own.flatMap((call) => problemOf(call) ?? []))
    problems.set(sentence, (problems.get(sentence) ?? 0) + 1);
  return {
    calls,
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
