import type { ModelCall, Turn } from './join-calls.ts';
import { joinCalls } from './join-calls.ts';
import type { Usage } from './usage.ts';
import { usageTogether } from './usage.ts';

/** A call of a model, or of a tool by a model, from wherever it was read: a span, or a log record that tells of one. */
export interface Call extends Omit<ModelCall, 'index'> {
  readonly traceId: string;
  /** The span that leads to it. */
  readonly spanId: string;
  readonly name: string;
  readonly service: string;
  readonly failed: boolean;
  readonly usage: Usage;
}

/** What was said over all calls, and what each of them used. Times in milliseconds since the epoch. */
export interface Conversation {
  readonly calls: readonly Call[];
  /** `index` of a turn is the place of its call in `calls`. */
  readonly turns: readonly Turn[];
  readonly models: readonly string[];
  readonly together: Omit<Usage, 'model'>;
  readonly traces: number;
}

/** One conversation of calls, of any traces. A call that is told twice counts once; an agent's span repeats what its calls use. */
export function conversationOf(given: readonly Call[]): Conversation {
  const once = new Map(given.map((call) => [`${call.traceId} ${call.spanId}`, call]));
  const calls = [...once.values()].sort((a, b) => a.start - b.start);
  const own = calls.filter(({ hasCalls }) => !hasCalls).map(({ usage }) => usage);
  return {
    calls,
    turns: joinCalls(calls.map((call, index) => ({ ...call, index }))),
    models: [...new Set(own.flatMap(({ model }) => model ?? []))],
    together: usageTogether(own),
    traces: new Set(calls.map(({ traceId }) => traceId)).size,
  };
}
