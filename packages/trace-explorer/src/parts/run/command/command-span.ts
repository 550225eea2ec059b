import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { EXIT_CODE } from '../../../core/runs/run-fields.ts';
import type { Target } from './target.ts';

/** The parts of `traceparent` in version 00; a later version may have more behind the flags. */
const TRACEPARENT =
  /^(?!ff)([0-9a-f]{2})-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

/** The variables of the caller's context (OpenTelemetry's "Environment Variables as Context Propagation Carriers"). */
const CONTEXT = ['TRACEPARENT', 'TRACESTATE', 'BAGGAGE'] as const;

/** A command in the trace of its caller. */
export interface CommandSpan {
  /** The variables that make the command's own spans children of the command's. */
  readonly env: NodeJS.ProcessEnv;
  /** Sends the span. @throws Error when the explorer does not take it */
  end(exitCode: number): Promise<void>;
}

/**
 * Begins the span of a command whose caller gave TRACEPARENT, as coding agents and CI do. Undefined without a context. A
 * malformed one is passed over with a line, and the command does not get it.
 */
export function beginCommandSpan(
  command: string,
  target: Target,
  given: NodeJS.ProcessEnv,
): CommandSpan | undefined {
  const { TRACEPARENT: value = '' } = given;
  if (value === '') return undefined;
  const [, version, traceId, parentSpanId, flags = '', more] = TRACEPARENT.exec(value) ?? [];
  if (traceId === undefined || (version === '00' && more !== undefined)) {
    process.stderr.write('TRACEPARENT is malformed, so the command starts a trace of its own.\n');
    return { env: Object.fromEntries(CONTEXT.map((name) => [name, undefined])), end: async () => {} };
  }
  const spanId = randomBytes(8).toString('hex');
  const name = basename(command);
  const start = process.hrtime.bigint();
  const startTime = BigInt(Date.now()) * 1_000_000n;
  const isSampled = (Number.parseInt(flags, 16) & 1) === 1;
  return { env: { TRACEPARENT: `00-${traceId}-${spanId}-${flags}` }, end };

  async function end(exitCode: number): Promise<void> {
    if (!isSampled) return;
    const span = {
      traceId,
      spanId,
      parentSpanId,
      ...(given.TRACESTATE && { traceState: given.TRACESTATE }),
      name,
      kind: 1, // INTERNAL
      startTimeUnixNano: String(startTime),
      endTimeUnixNano: String(startTime + process.hrtime.bigint() - start),
      attributes: [
        { key: 'process.executable.name', value: { stringValue: name } },
        { key: EXIT_CODE, value: { intValue: String(exitCode) } },
        ...(exitCode === 0 ? [] : [{ key: 'error.type', value: { stringValue: String(exitCode) } }]),
      ],
      ...(exitCode !== 0 && { status: { code: 2 } }),
    };
    const resource = { attributes: [{ key: 'service.name', value: { stringValue: name } }] };
    const { endpoint, token } = target;
    const answer = await fetch(`${endpoint}/v1/traces`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span] }] }] }),
    });
    if (!answer.ok) throw new Error(`the explorer answered ${answer.status}`);
  }
}
