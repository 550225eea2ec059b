import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { decodeTraces, tracesToJson } from '@tandem/otlp';
import type { OtlpReceiver, ReceivedSpan } from '@tandem/otlp/testing';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import { startPair } from '../../test/helpers/pair.ts';
import type { Row } from '../lib/measurements.ts';
import { recordMeasurements } from '../lib/measurements.ts';
import { positive } from '../lib/options.ts';
import { usageOf } from '../lib/thread-times.ts';
import type { Tiers } from './tiers.ts';
import { collectorVersion, startTiers } from './tiers.ts';

/** The samplers' decision_wait, and time for queues and batches behind it. */
const DECISION_MS = 10_000 + 8_000;
const SLOW_MS = 300;
/** The requests of each hundred that user-lookup answers with an error, and late. */
const FAULTS = new Map([
  [7, 'user-lookup:error=503'],
  [57, `user-lookup:delay=${SLOW_MS + 100}`],
]);
const STATUS_ERROR = 2;
const TIERS = ['agent', 'gateway', 'samplers'] as const;

/** The options it takes. */
export const usage = '--collector /path/to/otelcol-contrib [--requests 2000] [--rate 40] [--save FILE]';

/**
 * The pair's spans through the Collector's tiers of deploy/collector: what is kept, whether weighted counts are right, and
 * what each tier costs.
 */
export default async function collector(): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(3),
    options: {
      collector: { type: 'string', default: 'otelcol-contrib' },
      requests: { type: 'string', default: '2000' },
      rate: { type: 'string', default: '40' },
      save: { type: 'string' },
    },
  });
  const requests = positive('--requests', values.requests);
  const rate = positive('--rate', values.rate);
  const version = collectorVersion(values.collector);
  const [kept, costs]: [Row[], Row[]] = [[], []];
  for (const probability of ['1', '0.5']) {
    const [sent, arrived] = [await startOtlpReceiver(), await startOtlpReceiver()];
    const tiers = await startTiers({
      collector: values.collector,
      sentUrl: sent.url,
      keptUrl: arrived.url,
      slowMs: SLOW_MS,
    });
    try {
      const usage = await sendRequests(tiers, requests, rate, probability);
      kept.push({ 'kept by the services': probability, ...compare(sent.spans(), arrived.spans()) });
      if (probability !== '1') continue;
      costs.push(...describeCosts(usage, sent, arrived));
      if (values.save !== undefined) saveLoad(values.save, sent, arrived);
    } finally {
      await tiers.stop();
      await Promise.all([sent.close(), arrived.close()]);
    }
  }
  console.table(kept);
  console.table(costs);
  recordMeasurements({
    name: 'collector',
    title: 'Collector: what the tiers keep, and what they cost',
    command: `node tandem bench collector --requests ${requests} --rate ${rate}`,
    tables: [kept, costs],
    notes: [
      `The home feed at ${rate} requests/s through agent, gateway and two samplers, all on this machine, with the files of deploy/collector; 1 % of the requests fail in user-lookup, 1 % are slower than ${SLOW_MS} ms. The agent sends a copy of all that comes, which is the truth that is compared with; it is part of the agent's cost.`,
      'Kept by the services: their own sampling, before the Collector. Weighted: the sum of SampleRate of what arrived, and of what was sent.',
      'Bytes: OTLP in protobuf without compression, with resource and scope. CPU: of all threads of the processes, start-up left out, per span that a tier got (the samplers: both together).',
    ],
    versions: { Collector: version },
  });
}

/**
 * Writes what the agent got as OTLP JSON, which `sample` reads: a document per line, compressed. FILE.kept.json has the ids of
 * the traces that the samplers kept.
 */
function saveLoad(path: string, { requests }: OtlpReceiver, kept: OtlpReceiver): void {
  const lines = requests.map(({ body }) =>
    JSON.stringify(tracesToJson(decodeTraces(body, 'protobuf').scopeSpans)),
  );
  writeFileSync(path, gzipSync(lines.join('\n'), { level: 9 }));
  const ids = [...new Set(kept.spans().map(({ traceId }) => traceId))].sort();
  writeFileSync(`${path}.kept.json`, `${JSON.stringify(ids)}\n`);
}

type Usage = Readonly<Record<(typeof TIERS)[number], { cpuMs: number; residentBytes: number }>>;

/** Processor time and memory of the tiers. */
async function sendRequests(
  tiers: Tiers,
  requests: number,
  rate: number,
  probability: string,
): Promise<Usage> {
  const pair = await startPair({
    otlpUrl: tiers.url,
    env: {
      FAULT_INJECTION: 'true',
      OTEL_LOGS_EXPORTER: 'none',
      LOG_LEVEL: 'silent',
      OTEL_TRACES_SAMPLER: 'parentbased_consistent_probability',
      OTEL_TRACES_SAMPLER_ARG: probability,
    },
  });
  const used = () => TIERS.map((tier) => usageOf(tiers.pids[tier]));
  const before = used();
  try {
    const answers: Promise<unknown>[] = [];
    const begun = performance.now();
    for (let index = 0; index < requests; index++) {
      const wait = begun + (index / rate) * 1000 - performance.now();
      if (wait > 0) await sleep(wait);
      const fault = FAULTS.get(index % 100);
      const headers: Record<string, string> = fault === undefined ? {} : { 'tandem.fault': fault };
      answers.push(fetch(`${pair.api}/api/activities/home`, { headers }).then((answer) => answer.text()));
    }
    await Promise.all(answers);
    await sleep(DECISION_MS);
  } finally {
    await pair.stop();
  }
  const after = used();
  const between = TIERS.map((tier, at) => {
    const [now, then] = [after[at], before[at]];
    return [tier, { cpuMs: (now?.cpuMs ?? 0) - (then?.cpuMs ?? 0), residentBytes: now?.residentBytes ?? 0 }];
  });
  return Object.fromEntries(between) as Usage;
}

function compare(sent: readonly ReceivedSpan[], kept: readonly ReceivedSpan[]): Row {
  const arrived = new Set(kept.map(({ traceId }) => traceId));
  const count = (traces: ReadonlySet<string>) =>
    `${[...traces].filter((trace) => arrived.has(trace)).length} of ${traces.size}`;
  const idsOf = (spans: readonly ReceivedSpan[]) => new Set(spans.map(({ traceId }) => traceId));
  const [truth, estimate] = [weightOf(sent), weightOf(kept)];
  return {
    'traces sent': idsOf(sent).size,
    'traces kept': arrived.size,
    'with an error': count(idsOf(sent.filter(({ status }) => status === STATUS_ERROR))),
    slow: count(slowTraces(sent)),
    'spans sent, weighted': truth,
    'spans kept': kept.length,
    'spans kept, weighted': estimate,
    'of the truth': `${((100 * estimate) / truth).toFixed(1)} %`,
    'kept without SampleRate': kept.filter(({ attributes }) => attributes.SampleRate === undefined).length,
  };
}

function weightOf(spans: readonly ReceivedSpan[]): number {
  return spans.reduce((sum, { attributes }) => sum + Number(attributes.SampleRate ?? 1), 0);
}

function slowTraces(spans: readonly ReceivedSpan[]): Set<string> {
  const roots = spans.filter(({ parentSpanId }) => /^0*$/.test(parentSpanId));
  return new Set(
    roots.filter(({ start, end }) => end - start >= BigInt(SLOW_MS) * 1_000_000n).map((span) => span.traceId),
  );
}

function describeCosts(usage: Usage, sent: OtlpReceiver, kept: OtlpReceiver): Row[] {
  const spans = sent.spans().length;
  const bytes = sent.requests.reduce((sum, { body }) => sum + body.length, 0);
  return TIERS.map((tier) => ({
    tier,
    'CPU µs per span': ((usage[tier].cpuMs * 1000) / spans).toFixed(1),
    'resident, MB': Math.round(usage[tier].residentBytes / 1e6),
    'spans in': spans,
    'spans out': tier === 'samplers' ? kept.spans().length : spans,
    'bytes per span in': Math.round(bytes / spans),
  }));
}
