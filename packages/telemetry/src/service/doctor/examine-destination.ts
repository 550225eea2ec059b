import { held } from '../../common/held.ts';
import { monotonicNow } from '../../common/primordials.ts';
import { logSafeUrl, secretsOf } from '../../process/secrets/secrets.ts';
import type { Destination } from '../../process/settings/destinations.ts';
import { explainExportFailure } from '../../road/delivery/describe-failure.ts';
import type { Outcome } from '../../road/delivery/http-exporter.ts';
import { HttpExporter } from '../../road/delivery/http-exporter.ts';
import { SPANS } from '../../road/delivery/signal.ts';
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
  const endpoint: Finding = reach.finding ?? { check: 'endpoint', level: 'ok', what };
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
 * Makes one request to a destination. Returns the time of the request, and a failure or what the answer warns of.
 *
 * @param check the check that reports it
 */
export async function send(
  destination: Destination,
  request: (exporter: HttpExporter) => Promise<Outcome>,
  timeoutMs: number,
  check = 'endpoint',
): Promise<{ readonly finding: Finding | undefined; readonly milliseconds: string }> {
  const exporter = new HttpExporter(destination, SPANS, timeoutMs);
  const began = monotonicNow();
  const outcome = await held(request(exporter));
  const isTaken = outcome.kind === 'taken' && !outcome.rejected;
  const said = isTaken ? outcome.warning : outcome.failure;
  const milliseconds = ` (${(monotonicNow() - began).toFixed(0)} ms)`;
  exporter.close();
  if (said === undefined) return { finding: undefined, milliseconds };
  const { what, todo } = explainExportFailure(said, { secrets: secretsOf(destination) });
  return { finding: { check, level: isTaken ? 'warning' : 'problem', what, fix: todo }, milliseconds };
}
