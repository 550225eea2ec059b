import type { DeliveryCounters, DestinationCounters } from '../../road/delivery/counters.ts';
import { reasonsOf } from '../../road/delivery/counters.ts';
import { logSafeUrl } from '../secrets/secrets.ts';
import type { Destination } from '../settings/destinations.ts';
import type { TelemetrySettings } from '../settings/index.ts';

/**
 * Names the service, the destinations of spans and log lines, and the set variables, in fields for machines and in a sentence for
 * people. Holds no secret: no value of a header, and no user, password or query of a URL.
 */
export function describeSettings(settings: TelemetrySettings) {
  const { service, sources: from } = settings;
  const spans = placesOf(settings);
  const logs = placesOf(settings.logs);
  const spansGo = spans.length === 0 ? 'spans go nowhere' : `spans go to ${spans.join(' and ')}`;
  const linesGo = logs.length === 0 ? ', log lines to standard output only' : '';
  const set = from.length === 0 ? 'All settings are defaults.' : `Not default: ${from.join(', ')}.`;
  return {
    fields: { event: 'telemetry.self', telemetry: { service: service.name, spans, logs, from } },
    message: `Telemetry of ${service.name}: ${spansGo}${linesGo}. ${set}`,
  };
}

function placesOf(of: {
  readonly exporters: readonly string[];
  readonly destinations: readonly Destination[];
}): string[] {
  const urls = of.exporters.includes('otlp') ? of.destinations.map(({ url }) => logSafeUrl(url)) : [];
  return of.exporters.includes('console') ? [...urls, 'the console'] : urls;
}

/** The present counters of this process. */
export interface TelemetryCounters {
  readonly spans: DeliveryCounters;
  readonly logs: DeliveryCounters;
}

/**
 * Tells at the end of a process how many spans and log records were sent and lost. All others are on disk.
 * Undefined for a process that had nothing to send.
 */
export function describeEnd(counters: TelemetryCounters) {
  const [spans, logs] = [counters.spans.destinations, counters.logs.destinations];
  const all = [...spans, ...logs];
  if (all.every(({ ended, recovered }) => ended + recovered === 0)) return undefined;
  const sentences = all.map((each) => sentenceOf(spans.includes(each) ? 'Spans' : 'Log records', each));
  return {
    isLossless: all.every(({ lost }) => reasonsOf(lost) === ''),
    fields: { event: 'telemetry.end', telemetry: { spans, logs } },
    message: ['Telemetry ended.', ...sentences].join(' '),
  };
}

function sentenceOf(items: string, { name, exported, spool, handedOver, lost }: DestinationCounters): string {
  const others = handedOver === 0 ? '' : `${handedOver} taken by other processes, `;
  const lostItems = reasonsOf(lost) === '' ? '0 lost' : `lost: ${reasonsOf(lost)}`;
  return `${items} for ${name}: ${exported} sent, ${spool.items} kept on disk for the next start, ${others}${lostItems}.`;
}
