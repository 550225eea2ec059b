import type { Usage } from './agents/usage.ts';

/** The words of one side. */
export interface Message {
  readonly role: string;
  /** Why a model ended its message. */
  readonly reason?: string;
  readonly parts: readonly Part[];
}

/** A text. A title says that it is a tool's call, a tool's result, or JSON of a part without a form here. */
export interface Part {
  readonly title?: string;
  readonly text: string;
}

/** The messages of a call. */
export interface LlmMessages {
  readonly start: number;
  readonly end: number;
  /** Whether another call of the trace is below it: then both have the same messages. */
  readonly hasCalls: boolean;
  readonly input: readonly Message[];
  readonly output: readonly Message[];
  readonly unread: readonly string[];
  /** Said beside the messages, or instead of them. */
  readonly note?: string | undefined;
}

/**
 * One step of a conversation: a call of a model, of a tool by a model, or a prompt, from wherever it was read: a span, or a log
 * record that tells of one. Times in milliseconds since the epoch.
 */
export interface Call extends LlmMessages {
  /** Empty for a log record that is in no trace. */
  readonly traceId: string;
  /** The span that leads to it; empty for a log record. */
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
  /** Ids of the request or call, which spans and log records share. */
  readonly ids: readonly string[];
  readonly usage: Usage;
  /** Fields of its span that tell of the model and its use. */
  readonly facts?: readonly (readonly [name: string, text: string])[];
  /** Traces of the same run that began while a tool worked. */
  readonly meanwhile?: readonly OtherTrace[];
}

/** A trace that is not a part of the conversation. */
export interface OtherTrace {
  readonly trace_id: string;
  readonly service: string;
  readonly name: string;
}
