import { createSender } from '../export/sender.ts';
import { explainExportFailure } from '../report/describe-failure.ts';
import { logSafeUrl, secretsOf } from '../report/secrets.ts';
import type { Destination } from '../settings.ts';
import { examineClock } from './examine-clock.ts';
import type { Finding } from './finding.ts';

/** A working backend answers sooner, in milliseconds. */
const TIMEOUT_MS = 5_000;

/** A request without a span in it, which OTLP allows ("the server MUST respond with success"). */
const NOTHING = { body: Buffer.alloc(0), items: 0 };

/**
 * Whether a destination takes OTLP with the headers that it is sent, and how its clock stands to this machine's. Sends
 * a request without spans, so that nothing is left there.
 */
export async function examineDestination(destination: Destination): Promise<Finding[]> {
  const timeoutMs = Math.min(destination.timeoutMs, TIMEOUT_MS);
  const [reach, clock] = await Promise.all([
    send(destination, NOTHING, timeoutMs),
    examineClock(destination, timeoutMs),
  ]);
  const what = `${logSafeUrl(destination.url)} answers OTLP${reach.milliseconds}.`;
  const endpoint: Finding = reach.failure ?? { check: 'endpoint', level: 'ok', what };
  return [endpoint, ...clock];
}

/** Whether the destination gets Honeycomb's key. */
export function isOfHoneycomb({ headers }: Destination): boolean {
  return 'x-honeycomb-team' in headers;
}

/** Whether the destination takes nothing: later requests would fail for the same cause. */
export function isProblem({ check, level }: Finding): boolean {
  return check === 'endpoint' && level === 'problem';
}

/**
 * Sends one batch to a destination, once. Returns the time that it took, or the failure.
 *
 * @param check whose finding a failure is
 */
export async function send(
  destination: Destination,
  batch: { readonly body: Buffer; readonly items: number },
  timeoutMs: number,
  check = 'endpoint',
): Promise<{ readonly failure: Finding | undefined; readonly milliseconds: string }> {
  const client = createSender(destination, 'traces');
  const began = performance.now();
  const { failure } = await client.post(batch, timeoutMs);
  const milliseconds = ` (${(performance.now() - began).toFixed(0)} ms)`;
  client.close();
  if (failure === undefined) return { failure: undefined, milliseconds };
  const secrets = secretsOf(destination.url, destination.headers);
  const { what, todo } = explainExportFailure(failure, { secrets });
  return { failure: { check, level: 'problem', what, fix: todo }, milliseconds };
}
