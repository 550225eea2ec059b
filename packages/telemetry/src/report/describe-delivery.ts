import type { DroppedBaggage } from '../context/baggage.ts';
import type { DeliveryCounters, DestinationCounters } from '../counters.ts';

/** What became of each signal at its destinations. */
export interface SignalCounters {
  readonly spans: DeliveryCounters;
  readonly logs: DeliveryCounters;
}

/** What became of the spans and log records of this process: fields for machines, and a sentence for people. */
export interface DeliveryDescription {
  readonly isLossless: boolean;
  readonly fields: { readonly event: 'telemetry.end'; readonly telemetry: object };
  readonly message: string;
}

/**
 * Says per destination how many were sent, are kept on disk and were lost, and why; and what baggage was not
 * carried. For the end of a process, when what is neither sent nor lost is on disk.
 */
export function describeDelivery(
  { spans, logs }: SignalCounters,
  droppedBaggage: Readonly<DroppedBaggage>,
): DeliveryDescription {
  const destinations = spans.destinations.map(withKept);
  const ofLogs = logs.destinations.map(withKept);
  const dropped = sum({ ...droppedBaggage });
  const sentences = [
    ...destinations.map((each) => sentenceOf('Spans', each)),
    ...ofLogs.map((each) => sentenceOf('Log records', each)),
  ];
  if (dropped > 0) {
    sentences.push(`Baggage members not carried: ${dropped}${reasonsOf({ ...droppedBaggage })}.`);
  }
  return {
    isLossless: dropped === 0 && [...destinations, ...ofLogs].every(({ lost }) => sum(lost) === 0),
    fields: {
      event: 'telemetry.end',
      telemetry: {
        destinations: destinations.map(countsOf),
        ...(ofLogs.length > 0 && { logs: ofLogs.map(countsOf) }),
        droppedBaggage,
      },
    },
    message: ['Telemetry ended.', ...sentences].join(' '),
  };
}

type Ended = DestinationCounters & { readonly kept: number };

function withKept(each: DestinationCounters): Ended {
  return { ...each, kept: keptOf(each) };
}

function countsOf({ queue: _queue, spool: _spool, ...counts }: Ended): object {
  return counts;
}

function sentenceOf(items: string, { name, exported, kept, lost }: Ended): string {
  return `${items} for ${name}: ${exported} sent, ${kept} kept on disk for the next start, ${sum(lost)} lost${reasonsOf(lost)}.`;
}

function keptOf({ ended, recovered, exported, handedOver, lost }: DestinationCounters): number {
  return ended + recovered - exported - handedOver - sum(lost);
}

/** ` (rejected 2, shutdown 1)`; empty when nothing was counted. */
function reasonsOf(counts: Readonly<Record<string, number>>): string {
  const reasons = Object.entries(counts).filter(([, count]) => count > 0);
  return reasons.length === 0
    ? ''
    : ` (${reasons.map(([reason, count]) => `${reason} ${count}`).join(', ')})`;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((all, count) => all + count, 0);
}
