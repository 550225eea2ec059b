import type { Finding } from '@tandem/telemetry/doctor';
import type { Forwarded } from './forwarded-text.ts';
import { forwardedText } from './forwarded-text.ts';

/** What the explorer sends on. @param page where it listens @param isTwice whether the services send to Honeycomb themselves */
export async function examineTee(page: string, env: NodeJS.ProcessEnv, isTwice: boolean): Promise<Finding[]> {
  const { EXPLORER_FORWARD = '', EXPLORER_TOKEN: token } = env;
  const check = 'tee';
  if (EXPLORER_FORWARD === '') return [];
  const what = 'The explorer sends on to Honeycomb, and so do the services: their spans are there twice.';
  const fix = 'Set EXPLORER_FORWARD=honeycomb, and unset OTEL_EXPORTER_OTLP_HEADERS of the services.';
  const isHoneycomb = /^honeycomb$|\.honeycomb\.io/.test(EXPLORER_FORWARD);
  const twice: Finding[] = isTwice && isHoneycomb ? [{ check, level: 'warning', what, fix }] : [];
  try {
    const headers = new Headers(token ? { authorization: `Bearer ${token}` } : {});
    const answer = await fetch(`${page}/api/status`, { headers, signal: AbortSignal.timeout(2_000) });
    const { forward } = (await answer.json()) as { readonly forward?: Forwarded };
    if (forward === undefined) return twice;
    const sent = `The explorer sends on. ${forwardedText(forward)}.`;
    const failures = forward.problems.map((problem): Finding => ({ check, level: 'warning', what: problem }));
    return [...twice, { check, level: 'ok', what: sent }, ...failures];
  } catch {
    return twice; // another finding says that the explorer does not run
  }
}
