import { monotonicNow } from '../api/primordials.ts';
import { explainExportFailure } from '../delivery/describe-failure.ts';
import type { Outcome } from '../delivery/http-exporter.ts';
import { HttpExporter } from '../delivery/http-exporter.ts';
import { SPANS } from '../delivery/signal.ts';
import { logSafeUrl, secretsOf } from '../secrets/secrets.ts';
import type { Destination } from '../settings/destinations.ts';
import { examineClock } from './examine-clock.ts';
import type { Finding } from './finding.ts';

/** In milliseconds; a working backend answers sooner. */
const TIMEOUT_MS = 5_000;

/**
 * Checks whether a destination takes OTLP with the configured headers, and compares clocks. Sends a request without spans,
 * so that the destination keeps nothing.
 */
export async function examineDestination(destination: Destination): Promise<Finding[]> {
  const [reach, clock] = await Promise.all([
    // OTLP allows a request without spans ("the server MUST respond with success").
    send(destination, (exporter) => exporter.send(Buffer.alloc(0), 0), TIMEOUT_MS),
    examineClock(destination, TIMEOUT_MS),
  ]);
  const what = `${logSafeUrl(destination.url)} answers OTLP${reach.milliseconds}.`;
  const endpoint: Finding = reach.failure ?? { check: 'endpoint', level: 'ok', what };
  return [endpoint, ...clock];
}

/** Whether the destination gets Honeycomb's key. */
export function isOfHoneycomb({ headers }: Destination): boolean {
  return 'x-honeycomb-team' in headers;
}

/** Whether a finding says that the destination takes nothing. Later requests would fail, too. */
export function isProblem({ check, level }: Finding): boolean {
  return check === 'endpoint' && level === 'problem';
}

/**
 * Makes one request to a destination. Returns the time of the request, or the failure.
 *
 * @param check the check that reports a failure
 */
export async function send(
  destination: Destination,
  request: (exporter: HttpExporter) => Promise<Outcome>,
  timeoutMs: number,
  check = 'endpoint',
): Promise<{ readonly failure: Finding | undefined; readonly milliseconds: string }> {
  const exporter = new HttpExporter(destination, SPANS, timeoutMs);
  const began = monotonicNow();
  const outcome = await request(exporter);
  const failure = outcome.kind === 'taken' && !outcome.rejected ? undefined : outcome.failure;
  const milliseconds = ` (${(monotonicNow() - began).toFixed(0)} ms)`;
  exporter.close();
  if (failure === undefined) return { failure: undefined, milliseconds };
  const { what, todo } = explainExportFailure(failure, { secrets: secretsOf(destination) });
  return { failure: { check, level: 'problem', what, fix: todo }, milliseconds };
}
