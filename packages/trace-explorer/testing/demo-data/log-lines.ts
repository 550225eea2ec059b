import type { PlainAttributes, PlainLogRecord, PlainSpan } from '@tandem/otlp/testing';
import { EXCEPTIONS } from './stacks.ts';

/** SeverityNumbers. */
const Severity = { trace: 1, debug: 5, info: 9, warn: 13, error: 17, fatal: 21 } as const;
type Severity = keyof typeof Severity;

const SERVER = 2;
/** A request that takes longer says so. */
const SLOW_MS = 500;

interface Line {
  readonly level: Severity;
  /** Milliseconds after the span's start. */
  readonly atMs: number;
  readonly body: string;
  readonly attributes?: PlainAttributes;
}

/** What services write while they answer: a line or more for each SERVER span, the exception where it failed. */
export function linesOf(spans: readonly PlainSpan[]): PlainLogRecord[] {
  return spans.flatMap((span) =>
    span.kind === SERVER ? linesOfServer(span).map((line) => recordOf(span, line)) : [],
  );
}

function linesOfServer({ name = '', durationMs = 1, attributes = {}, events = [] }: PlainSpan): Line[] {
  const status = Number(attributes['http.response.status_code'] ?? 200);
  const request = {
    'http.request.method': attributes['http.request.method'] ?? 'GET',
    'http.response.status_code': status,
    ...(attributes['user.id'] !== undefined && { 'user.id': attributes['user.id'] }),
  };
  const exception = events.find((event) => event.name === 'exception')?.attributes;
  return [
    ...(status === 404 ? [{ level: 'debug', atMs: durationMs * 0.3, body: 'nothing found' } as const] : []),
    ...(durationMs > SLOW_MS
      ? [
          {
            level: 'warn',
            atMs: SLOW_MS,
            body: `${name} is slow`,
            attributes: { limit_ms: SLOW_MS },
          } as const,
        ]
      : []),
    ...(exception === undefined
      ? []
      : [{ level: 'error', atMs: durationMs - 0.1, body: 'request failed', attributes: exception } as const]),
    {
      level: status >= 500 ? 'error' : 'info',
      atMs: durationMs - 0.05,
      body: `request completed in ${durationMs.toFixed(1)} ms`,
      attributes: request,
    },
  ];
}

function recordOf(span: PlainSpan, { level, atMs, body, attributes }: Line): PlainLogRecord {
  const { service, resource, traceId, spanId, start = 0n } = span;
  return {
    ...(service !== undefined && { service }),
    ...(resource !== undefined && { resource }),
    ...(traceId !== undefined && { traceId }),
    ...(spanId !== undefined && { spanId }),
    time: start + BigInt(Math.round(Math.max(0, atMs) * 1e6)),
    severity: Severity[level],
    severityText: level.toUpperCase(),
    body,
    flags: 1,
    ...(attributes && { attributes }),
    scope: { name: 'pino' },
  };
}

/** Lines of every level and form in the spans of a trace, among them what is hard to show. */
export function unusualLines(spans: readonly PlainSpan[], lostSpan: string): PlainLogRecord[] {
  const [root, step = root] = spans;
  if (root === undefined || step === undefined) return [];
  const levels = Object.keys(Severity) as Severity[];
  const ofRoot = (line: Line) => recordOf(root, line);
  const { spanId: _, ...trace } = ofRoot({ level: 'info', atMs: 20, body: 'of the trace, but of no span' });
  return [
    ...levels.map((level, i) =>
      ofRoot({ level, atMs: 4 + 6 * i, body: `a line of level ${level}`, attributes: { step: i } }),
    ),
    recordOf(step, {
      level: 'error',
      atMs: 11,
      body: 'could not charge the card',
      attributes: EXCEPTIONS[0],
    }),
    {
      ...recordOf(step, { level: 'info', atMs: 5, body: '' }),
      severity: 0,
      severityText: '',
      body: 'no level',
    },
    {
      ...recordOf(step, { level: 'warn', atMs: 7, body: '' }),
      body: { map: { msg: 'a body that is a map', cart: { map: { items: 3, skus: ['a-1', 'b-2'] } } } },
    },
    {
      ...recordOf(step, { level: 'info', atMs: 8, body: '' }),
      body: null,
      eventName: 'cart.repriced',
      attributes: { 'cart.total': 49.9 },
    },
    ofRoot({ level: 'info', atMs: 30, body: 'a body of several lines:\n  one\n  two' }),
    ...Array.from({ length: 40 }, (_each, i) =>
      recordOf(step, { level: 'debug', atMs: 12 + i / 20, body: `one of many lines at once, ${i}` }),
    ),
    trace,
    { ...ofRoot({ level: 'warn', atMs: 33, body: 'its span never came' }), spanId: lostSpan },
  ];
}

/** Lines outside of any trace, and of a trace that no span has come of. */
export function strayLines(service: string, now: number, traceId: string): PlainLogRecord[] {
  const time = (secondsAgo: number) => BigInt(Math.round(now - secondsAgo * 1000)) * 1_000_000n;
  return [
    { service, time: time(50), severity: Severity.info, body: 'listening on port 8080' },
    {
      service,
      time: time(40),
      severity: Severity.warn,
      body: 'the configuration has an unknown key “colour”',
    },
    { service, time: time(8), severity: Severity.fatal, body: 'out of memory: the process ends' },
    {
      service,
      time: time(30),
      traceId,
      spanId: traceId.slice(16),
      severity: Severity.info,
      body: 'job started',
    },
    {
      service,
      time: time(29),
      traceId,
      spanId: traceId.slice(16),
      severity: Severity.error,
      body: 'job failed before its span was sent',
    },
  ];
}
