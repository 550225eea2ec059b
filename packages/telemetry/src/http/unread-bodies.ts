import type { Span } from '@opentelemetry/api';

/** A response whose headers have arrived, and whose body has not ended. */
export interface OpenBody {
  readonly span: Span;
  /** Reading of `performance.now()` when the headers arrived. */
  readonly headersAt: number;
  /** The bytes that have arrived on the connection. Undefined while somebody reads, and before a part of the body is there. */
  unreadBytes(): number | undefined;
  /** Called before the end of a span whose body nobody reads. */
  writeParts?(): void;
  /** Called after the end of the span. */
  onEnd?: (() => void) | undefined;
}

/** Time between two looks at the open bodies, in milliseconds. A body without new bytes since the last look is unread. */
const LOOK_MS = 1_000;

/** The open bodies, with their bytes at the last look. */
const open = new Map<OpenBody, number | undefined>();
let timer: NodeJS.Timeout | undefined;

/**
 * Ends the span of a response whose body nobody reads, such as after `if ((await fetch(url)).ok)`. Such a body stays open
 * until the response is garbage. The span ends at the response's headers, without an error (semantic conventions for HTTP
 * spans, "HTTP client span duration").
 */
export function watchBody(body: OpenBody): void {
  open.set(body, undefined);
  timer ??= setInterval(endUnread, LOOK_MS).unref();
}

/** Forgets a body that has ended. */
export function forgetBody(body: OpenBody): void {
  open.delete(body);
}

/** Ends the spans of all unread bodies, at the end of the process. */
export function endUnreadNow(): void {
  for (const body of open.keys()) if (body.unreadBytes() !== undefined) end(body);
}

function endUnread(): void {
  for (const [body, bytesBefore] of open) {
    const bytes = body.unreadBytes();
    if (bytes !== undefined && bytes === bytesBefore) end(body);
    else open.set(body, bytes);
  }
  if (open.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

function end(body: OpenBody): void {
  open.delete(body);
  body.writeParts?.();
  body.span.end(body.headersAt);
  body.onEnd?.();
}
