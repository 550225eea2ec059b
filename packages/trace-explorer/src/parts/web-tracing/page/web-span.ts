/** The parent, as its child sees it. */
export type SpanContext = Pick<WebSpan, 'traceId' | 'spanId'>;

/** A span of this browser that has not been exported yet. Times are milliseconds since the epoch, with fractions. */
export interface WebSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: 'internal' | 'client';
  readonly start: number;
  end: number;
  readonly attributes: Record<string, string | number | boolean>;
  readonly events: {
    readonly name: string;
    readonly at: number;
    readonly attributes?: WebSpan['attributes'];
  }[];
  error?: string;
}

/** Starts a span: the root of a new trace, or a child. */
export function startSpan(
  name: string,
  kind: WebSpan['kind'],
  attributes: WebSpan['attributes'],
  parent?: SpanContext,
  startedAt?: number,
): WebSpan {
  if (parent === undefined) adjustClock();
  const start = startedAt ?? now();
  return {
    traceId: parent?.traceId ?? randomHex(16),
    spanId: randomHex(8),
    parentSpanId: parent?.spanId,
    name,
    kind,
    start,
    end: start,
    attributes,
    events: [],
  };
}

/** The `traceparent` of a span's context: sampled, with a random trace id (W3C Trace Context level 2). */
export function traceparentOf({ traceId, spanId }: SpanContext): string {
  return `00-${traceId}-${spanId}-03`;
}

/** Milliseconds since the epoch. */
export function now(): number {
  return timeOfEntry(performance.now());
}

/** The time of a performance entry, by the same clock. */
export function timeOfEntry(milliseconds: number): number {
  return performance.timeOrigin + milliseconds + adjustment;
}

/** Corrects the page's clock, which stops while the machine sleeps: before a trace begins, never within one. */
function adjustClock(): void {
  const drift = Date.now() - now();
  if (Math.abs(drift) > MAX_DRIFT_MS) adjustment += drift;
}

/** Milliseconds of allowed drift. The system's clock has whole milliseconds. */
const MAX_DRIFT_MS = 20;
let adjustment = 0;

function randomHex(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes));
  return Array.from(random, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
