import { clearInterval, monotonicNow, setInterval } from '../../common/primordials.ts';
import type { Call } from './call.ts';

/** Time between two looks at the open bodies, in milliseconds. A body without new bytes since the last look is unread. */
const LOOK_MS = 1_000;

/** The calls whose headers have arrived, and whose bodies have not ended, with the bytes at the last look. */
const open = new Map<Call, number | undefined>();
let timer: NodeJS.Timeout | undefined;

/**
 * Ends the span of a response whose body nobody reads, such as after `if ((await fetch(url)).ok)`. Such a body stays open
 * until the response is garbage. The span ends at the response's headers, without an error (semantic conventions for HTTP
 * spans, "HTTP client span duration").
 */
export function watchBody(call: Call): void {
  open.set(call, undefined);
  timer ??= setInterval(endUnread, LOOK_MS).unref();
}

/** Forgets a body that has ended. */
export function forgetBody(call: Call): void {
  open.delete(call);
}

/** Ends the span of a call whose answer has ended, or will never end. The first end counts. */
export function endCall(call: Call): void {
  open.delete(call);
  if (!call.span.isRecording()) return;
  call.ending(monotonicNow());
  call.span.end();
}

/** Ends the spans of all unread bodies, at the end of the process. */
export function endUnreadNow(): void {
  for (const call of open.keys()) if (call.unreadBytes() !== undefined) end(call);
}

function endUnread(): void {
  for (const [call, bytesBefore] of open) {
    const bytes = call.unreadBytes();
    if (bytes !== undefined && bytes === bytesBefore) end(call);
    else open.set(call, bytes);
  }
  if (open.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

function end(call: Call): void {
  open.delete(call);
  call.ending();
  call.span.end(call.headersAt);
}
