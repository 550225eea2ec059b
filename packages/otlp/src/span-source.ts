import type { Resource, Scope } from './messages/resource.ts';
import type { Span } from './messages/trace.ts';

/** The spans of one resource and scope in a body: where they are is known, each is read when asked for. */
export interface SpanSource {
  readonly resource: Resource;
  readonly scope: Scope;
  /** Positions in the request, for people. */
  readonly resourceIndex: number;
  readonly scopeIndex: number;
  /** Reads the next span; why it has to be left out, as text; undefined after the last one. */
  next(): SpanRead | string | undefined;
}

export interface SpanRead {
  readonly span: Span;
  /** Events, links, attributes and values within values; at least about as many as there are. */
  readonly values: number;
}

/**
 * Walks through a body without reading its spans, and pauses (yields) every few megabytes: what is around the spans is
 * checked as a whole before the first of them is read.
 * @throws UndecodableError; LimitError
 */
export type SpanSearch = Generator<undefined, readonly SpanSource[]>;

/** Bytes of a body walked through between two pauses: a few hundredths of a second. */
export const BYTES_BETWEEN_PAUSES = 4 * 1024 * 1024;
