import type { Span } from '@opentelemetry/api';
import { ATTR_HTTP_RESPONSE_STATUS_CODE } from '@opentelemetry/semantic-conventions';

/** A request of undici, 6 and 7, that asks for another protocol. */
interface UpgradeRequest {
  readonly upgrade?: string | null;
  onUpgrade?(status: number, ...rest: unknown[]): unknown;
}

/**
 * Ends the span of a request that became a WebSocket: it was an exchange of HTTP until then. undici says so on its
 * channels from 7.30 on; in Node 22 and 24, whose undici is older, the span would never end, and its children be orphans.
 */
export function endAtUpgrade(undiciRequest: object, span: Span): void {
  const request = undiciRequest as UpgradeRequest;
  const { upgrade, onUpgrade } = request;
  if (!upgrade || onUpgrade === undefined) return;
  request.onUpgrade = function endSpan(status, ...rest) {
    const result = onUpgrade.call(this, status, ...rest);
    if (span.isRecording()) span.setAttribute(ATTR_HTTP_RESPONSE_STATUS_CODE, status).end();
    return result;
  };
}
