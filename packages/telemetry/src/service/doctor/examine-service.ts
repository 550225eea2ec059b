import { boundedText } from '../../common/bounded-text.ts';
import type { Destination } from '../../process/settings/destinations.ts';
import type { Finding } from './finding.ts';

const check = 'service';
const TIMEOUT_MS = 2_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** Each destination in words, and the variable that sets it. */
const PLACES = [
  ['otlp', 'the OTLP endpoint', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
  ['honeycomb', 'Honeycomb', 'HONEYCOMB_API_KEY'],
] as const;

/**
 * Asks a running service by its /metrics where its spans go and whether they arrive. A process keeps the environment that it was
 * started with, which may be another one than this process's. Without a finding where the service does not run, or does not trace.
 *
 * @param name how findings call the service
 * @param url its base URL, or that of its HEALTH_PORT
 * @param expected the destinations that a service has which is started now
 */
export async function examineService(
  name: string,
  url: string,
  expected: readonly Pick<Destination, 'name'>[],
): Promise<Finding[]> {
  const metrics = await readMetrics(url).catch(() => '');
  if (typeof metrics === 'number') {
    const what = `${name} was not asked where its spans go: ${url}/metrics answers ${metrics}.`;
    const fix = 'EXPOSE_METRICS=true shows it where HOST is not this machine.';
    return [{ check, level: 'note', what, fix }];
  }
  if (!metrics.includes('\notel_sdk_processor_span_processed_total{')) return [];
  return PLACES.flatMap(([place, words, variable]): Finding[] => {
    const isExpected = expected.some((each) => each.name === place);
    const count = (metric: string, label = '') => countOf(metrics, metric, `destination="${place}"${label}`);
    const ended = count('processor_span_processed_total');
    if (ended === undefined) {
      const what = `${name} sends nothing to ${words}: it was started without the ${variable} that counts here.`;
      const fix = 'Start it again with the variable, for instance from .env.';
      return isExpected ? [{ check, level: 'warning', what, fix }] : [];
    }
    const exported = count('exporter_span_exported_total') ?? 0;
    const lost = count('exporter_span_exported_total', String.raw`,error_type="\w+"`) ?? 0;
    const waiting = count('exporter_spool_spans') ?? 0;
    const sent = `${name} has sent ${exported} of ${ended} spans to ${words}`;
    const notHere = isExpected ? '' : ' Started with the settings of here, it would send nothing there.';
    if (waiting + lost === 0)
      return [{ check, level: isExpected ? 'ok' : 'note', what: `${sent}.${notHere}` }];
    const what = `${sent}: ${waiting} wait on disk, ${lost} are lost.${notHere}`;
    const fix =
      'The output of the service says why. After a change of a variable, such as the key, start it again.';
    return [{ check, level: exported === 0 ? 'problem' : 'warning', what, fix }];
  });
}

/** The text of /metrics, or the status of another answer. */
async function readMetrics(url: string): Promise<string | number> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const answer = await fetch(new URL('/metrics', url), { signal, redirect: 'error' });
  return answer.ok ? boundedText(answer, MAX_BYTES) : answer.status;
}

/** The sum of a metric's values; undefined where there is none. @param labels as a pattern */
function countOf(metrics: string, metric: string, labels: string): number | undefined {
  const values = [...metrics.matchAll(new RegExp(`^otel_sdk_${metric}\\{${labels}\\} (\\d+)$`, 'gm'))];
  return values.length === 0 ? undefined : values.reduce((sum, [, value]) => sum + Number(value), 0);
}
