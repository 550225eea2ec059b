import { ensureAwaited } from '../../../core/store/read/turns-within.ts';
import type { ReadOptions, SpanStore } from '../../../core/store/store.ts';
import { yieldToEventLoop } from '../../../lib/node/task-queue.ts';
import type { TimeInterval } from '../../../lib/time/time-range.ts';
import { inspect } from '../../causes/server/inspection.ts';
import { byRule, figuresOf, lostOf, volumeOf } from './measure.ts';
import type { Rules } from './rules/read-rules.ts';
import { readRules } from './rules/read-rules.ts';
import { RulesError } from './rules/section.ts';
import type { SampleBody, SamplingReport, Trial, Volume } from './schemas.ts';
import { suggestRules } from './suggest.ts';
import { readStretch, readTraffic } from './traffic.ts';
import { collectorFile } from './write-rules.ts';

const HOUR = 3_600_000_000_000;
/** Traces in which causes are looked for: always as many, so that equal traffic has equal answers. */
const CAUSES_IN_TRACES = 300;
/** Slow without another number. */
const SLOWER_MS = 1000;

/** The subject of the try: rules, or kept traces, or a budget. */
export type TrialRequest = Omit<SampleBody, 'start_time' | 'end_time'>;

/**
 * Tries rules on the traffic of a time range, in nanoseconds since the epoch: the events that they keep, cost and lose.
 * @throws RulesError for rules that cannot be read, QUERY_TOO_LARGE for too many rows
 */
export async function tryRules(
  store: SpanStore,
  asked: TrialRequest,
  range: TimeInterval,
  options: ReadOptions = {},
): Promise<SamplingReport> {
  const { suggest, errors = true, slower_ms = SLOWER_MS, tracestate: gate = false } = asked;
  const read: Rules[] = [];
  for (const file of rulesOf(asked)) {
    await yieldToEventLoop();
    ensureAwaited(options);
    read.push(readRules(file, store.fields()));
  }
  const stretch = await readStretch(store, range, options);
  const seconds = Number(stretch.begin / 1_000_000n) / 1000;
  // Before the traffic is read, because both together would take a sixth more memory.
  const inspection = await inspect(
    store,
    { start: stretch.begin, end: stretch.begin + BigInt(stretch.last) + 1n, traces: CAUSES_IN_TRACES },
    options,
  );
  const traffic = await readTraffic(store, stretch, options);
  const hours = stretch.last / HOUR;
  const budget = { events: suggest ?? 0, errors, slowerMs: slower_ms || undefined, hours, gate };
  const { suggestion, tried = [] } =
    suggest === undefined || hours === 0 ? {} : await suggestRules(traffic, store.fields(), budget, options);
  const trials: Trial[] = [];
  for (const { rules, decided } of [...read.map((rules) => ({ rules, decided: undefined })), ...tried]) {
    await yieldToEventLoop();
    ensureAwaited(options);
    const { decisions, others } = decided ?? (await rules.decide(traffic, gate, options));
    const weights = rules.product === 'refinery' || decisions.rate.some((rate) => rate > 1);
    const isWhole = decisions.kept.every((share) => share === 1);
    const kept = volumeOf(traffic, hours, decisions);
    trials.push({
      name: rules.name,
      product: rules.product,
      notes: [...rules.notes, ...(weights || isWhole ? [] : [unweighted(rules)])],
      weights,
      kept,
      ...boundsOf([kept, ...others.map((other) => volumeOf(traffic, hours, other))]),
      rules: byRule(traffic, decisions),
      lost: lostOf(traffic, decisions, inspection),
      figures: figuresOf(traffic, decisions, rules.product === 'refinery'),
    });
  }
  const all = volumeOf(traffic, hours);
  return {
    start_time: seconds,
    end_time: seconds + stretch.last / 1e9,
    hours,
    short: hours < 1,
    sampled: all.events_weighted > all.events,
    ...(traffic.isPulled && { pulled: traffic.traceIds.length }),
    logs: stretch.logs,
    all,
    trials,
    ...(suggestion && { suggestion }),
  };
}

/** The files to try; a file of the Collector for the traces to keep. */
function rulesOf({ rules, environment, keep, errors = false, slower_ms, suggest }: TrialRequest) {
  const files = rules.map((file) => ({ ...file, environment }));
  if (suggest === undefined && (keep !== undefined || errors || slower_ms)) {
    const words = [`keep ${keep ?? 0} %`, errors && 'errors', slower_ms && `slower than ${slower_ms} ms`];
    const plan = { errors, slowerMs: slower_ms || undefined, groups: [], restPercent: keep ?? 0 };
    files.push({ name: words.filter(Boolean).join(', '), text: collectorFile(plan), environment });
  }
  if (files.length === 0 && suggest === undefined)
    throw new RulesError(
      'There is nothing to try. Name rules, or say what to keep, or a number of events a month.',
    );
  return files;
}

function unweighted({ product }: Rules): string {
  return product === 'collector'
    ? 'No weights: without the feature gate processor.tailsamplingprocessor.usetracestate a kept span counts once, and counts are wrong.'
    : 'No weights: this sampler does not write what a kept span stands for, and counts are wrong.';
}

function boundsOf(volumes: readonly Volume[]): { least?: Volume; most?: Volume } {
  if (volumes.length < 2) return {};
  const sorted = volumes.toSorted((a, b) => a.events - b.events);
  const [least, most] = [sorted[0], sorted.at(-1)];
  return least === undefined || most === undefined ? {} : { least, most };
}
