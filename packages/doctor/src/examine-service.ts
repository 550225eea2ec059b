import { boundedText } from '@tandem/durable-export/bounded-text';
import type { Destination } from '@tandem/telemetry';
import type { Finding } from './finding.ts';

const check = 'service';
const TIMEOUT_MS = 2_000;
const MAX_BYTES = 4 * 1024 * 1024;

type Name = Destination['name'];
const PLACES: Readonly<Record<Name, string>> = { honeycomb: 'Honeycomb', otlp: 'the OTLP endpoint' };
const VARIABLES: Readonly<Record<Name, string>> = {
  honeycomb: 'HONEYCOMB_API_KEY',
  otlp: 'OTEL_EXPORTER_OTLP_ENDPOINT',
};

/** The spans of a process for one destination, since its start. */
interface Counts {
  ended: number;
  exported: number;
  waiting: number;
  lost: number;
}

const METRIC =
  /^otel_sdk_(processor_span_processed_total|exporter_span_exported_total|exporter_spool_spans)\{destination="(honeycomb|otlp)"(?:,error_type="\w+"())?\} (\d+)/gm;

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
    return [
      { check, level: 'note', what, fix: 'EXPOSE_METRICS=true shows it where HOST is not this machine.' },
    ];
  }
  const counts = countsIn(metrics);
  if (counts.size === 0) return [];
  const missing = expected.filter((destination) => !counts.has(destination.name));
  return [
    ...missing.map((destination): Finding => {
      const what = `${name} sends nothing to ${PLACES[destination.name]}: it was started without the ${VARIABLES[destination.name]} that counts here.`;
      return {
        check,
        level: 'warning',
        what,
        fix: 'Start it again with the variable, for instance from .env.',
      };
    }),
    ...[...counts].map(([place, sent]) =>
      describe(
        name,
        place,
        sent,
        expected.some((destination) => destination.name === place),
      ),
    ),
  ];
}

function describe(
  name: string,
  place: Name,
  { ended, exported, waiting, lost }: Counts,
  isExpected: boolean,
): Finding {
  const notHere = isExpected ? '' : ' Started with the settings of here, it would send nothing there.';
  const what = `${name} has sent ${exported} of ${ended} spans to ${PLACES[place]}`;
  if (waiting + lost === 0) return { check, level: isExpected ? 'ok' : 'note', what: `${what}.${notHere}` };
  const fix =
    'The output of the service says why. After a change of a variable, such as the key, start it again.';
  const level = exported === 0 ? 'problem' : 'warning';
  return { check, level, what: `${what}: ${waiting} wait on disk, ${lost} are lost.${notHere}`, fix };
}

/** The text of /metrics, or the status of another answer. */
async function readMetrics(url: string): Promise<string | number> {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const answer = await fetch(new URL('/metrics', url), { signal, redirect: 'error' });
  return answer.ok ? boundedText(answer, MAX_BYTES) : answer.status;
}

function countsIn(metrics: string): Map<Name, Counts> {
  const all = new Map<Name, Counts>();
  for (const [, metric = '', place, isLost, value] of metrics.matchAll(METRIC)) {
    const counts = all.get(place as Name) ?? { ended: 0, exported: 0, waiting: 0, lost: 0 };
    all.set(place as Name, counts);
    if (metric.startsWith('processor')) counts.ended += Number(value);
    else if (metric.endsWith('spool_spans')) counts.waiting += Number(value);
    else counts[isLost === undefined ? 'exported' : 'lost'] += Number(value);
  }
  return all;
}
