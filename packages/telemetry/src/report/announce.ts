import type { DestinationCounters, TelemetryCounters } from '../counters.ts';
import { reasonsOf } from '../export/tally.ts';
import { logSafeText, logSafeUrl } from '../secrets.ts';
import type { Destination, TelemetrySettings } from '../settings/index.ts';

/** What package.json of the tarball asks for in `engines`; npm only warns. */
const OLDEST_NODE = [22, 15] as const;

/** Says when this is no Node that telemetry runs on. @param version as `process.versions.node` has it */
export function describeOldNode(version: string = process.versions.node): string | undefined {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return undefined;
  return `This is Node ${version}; @tandem/telemetry needs ${OLDEST_NODE.join('.')} or newer.`;
}

/** A line that telemetry logs of itself: fields for machines, and a sentence for people. */
export interface Announcement {
  readonly fields: { readonly event: string; readonly telemetry: Readonly<Record<string, unknown>> };
  readonly message: string;
}

/**
 * The settings in effect, and which variables they came from. Holds no secret: of headers and resource attributes only
 * the names, of URLs neither user nor password nor query.
 */
export function describeSettings(settings: TelemetrySettings): Announcement {
  const { service, sampler, sources: from, exporters, logs } = settings;
  const { propagators, baggageAttributes, redactAttributes, batch } = settings;
  const { dataDirectory, fastifyLifecycle, leanHttpClient } = settings;
  const destinations = exporters.includes('otlp') ? settings.destinations.map(describeDestination) : [];
  const places = [
    ...destinations.map(({ url }) => url),
    ...(exporters.includes('console') ? ['the console'] : []),
  ];
  const spans = places.length === 0 ? 'spans go nowhere' : `spans go to ${places.join(' and ')}`;
  const lines = logs.exporters.length === 0 ? ', log lines to standard output only' : '';
  const set = from.length === 0 ? 'All settings are defaults.' : `Not default: ${from.join(', ')}.`;
  return {
    fields: {
      event: 'telemetry.self',
      telemetry: {
        service: service.name,
        version: service.version,
        environment: settings.environmentName,
        resourceAttributes: Object.keys(settings.resourceAttributes).map((name) => logSafeText(name)),
        exporters,
        destinations,
        propagators,
        baggageAttributes,
        redactAttributes,
        sampler: sampler.argument === undefined ? sampler.name : `${sampler.name} ${sampler.argument}`,
        batch,
        spanLimits: withoutInfinity(settings.spanLimits),
        logs: {
          ...logs,
          destinations: logs.destinations.map(describeDestination),
          limits: withoutInfinity(logs.limits),
        },
        dataDirectory,
        fastifyLifecycle,
        leanHttpClient,
        from,
      },
    },
    message: `Telemetry of ${service.name}: ${spans}${lines}. ${set}`,
  };
}

/**
 * What became of spans and log records, when a process ends: what is neither sent nor lost is on disk.
 * Undefined for a process that had nothing to send.
 */
export function describeEnd(
  counters: TelemetryCounters,
): (Announcement & { readonly isLossless: boolean }) | undefined {
  const spans = counters.spans.destinations;
  const logs = counters.logs.destinations;
  const all = [...spans, ...logs];
  if (all.every(({ ended, recovered }) => ended + recovered === 0)) return undefined;
  const sentences = [
    ...spans.map((each) => sentenceOf('Spans', each)),
    ...logs.map((each) => sentenceOf('Log records', each)),
  ];
  return {
    isLossless: all.every(({ lost }) => sum(lost) === 0),
    fields: {
      event: 'telemetry.end',
      telemetry: {
        destinations: spans.map(countsOf),
        ...(logs.length > 0 && { logs: logs.map(countsOf) }),
      },
    },
    message: ['Telemetry ended.', ...sentences].join(' '),
  };
}

function describeDestination({ url, headers, tls, ...rest }: Destination) {
  return {
    ...rest,
    url: logSafeUrl(url),
    // A token that stands where the name belongs would show.
    headers: Object.keys(headers).map((name) => logSafeText(name)),
    ...(tls && { tls: Object.keys(tls) }),
  };
}

/** JSON has no Infinity. */
function withoutInfinity(limits: { readonly attributeValueLengthLimit: number }): object {
  const { attributeValueLengthLimit: length } = limits;
  return { ...limits, attributeValueLengthLimit: Number.isFinite(length) ? length : 'unlimited' };
}

function countsOf(each: DestinationCounters): object {
  const { queue: _queue, spool: _spool, ...counts } = each;
  return { ...counts, kept: each.spool.items };
}

function sentenceOf(items: string, { name, exported, spool, handedOver, lost }: DestinationCounters): string {
  const others = handedOver === 0 ? '' : `${handedOver} taken by other processes, `;
  const reasons = reasonsOf(lost);
  const lostItems = `${sum(lost)} lost${reasons && ` (${reasons})`}`;
  return `${items} for ${name}: ${exported} sent, ${spool.items} kept on disk for the next start, ${others}${lostItems}.`;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}
