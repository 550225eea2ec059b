import { findCauses } from '../causes/find-causes.ts';
import { nextTurn } from '../shared/turns.ts';
import type { ReadOptions, SpanStore } from '../store/store.ts';
import { byRule, figuresOf, lostOf, volumeOf } from './measure.ts';
import { readRecording } from './read-recording.ts';
import type { NamedRules } from './read-trials.ts';
import { readNamed } from './read-trials.ts';
import type { SamplingReport, Trial, Volume } from './report.ts';
import { SUGGESTION_FIELDS, suggestRules } from './suggest.ts';
import { REPORT_FIELDS, Traffic, USER_FIELDS } from './traffic.ts';

const HOUR = 3_600_000_000_000;

/** What to try. */
export interface Trials {
  readonly rules: readonly NamedRules[];
  /** The Collector's feature gate usetracestate. */
  readonly gate: boolean;
  /** Events a month to find rules for. */
  readonly suggest?: number | undefined;
  /** Milliseconds above which a span is slow, in a suggestion. */
  readonly slowerMs?: number | undefined;
  /** Nanoseconds since the epoch. */
  readonly start: bigint;
  readonly end: bigint;
}

/**
 * Tries rules on the traffic of a time range: what they keep, cost and lose.
 * @throws QUERY_TOO_LARGE for too many rows
 */
export async function tryRules(
  store: SpanStore,
  { rules: given, gate, suggest, slowerMs, start, end }: Trials,
  options: ReadOptions = {},
): Promise<SamplingReport> {
  const user = USER_FIELDS.find((name) => store.fields().has(name));
  const ofRules = given.flatMap((each) => [...each.fields]);
  const fields = new Set<string>([...(user ? [user] : []), ...ofRules]);
  const rootFields = new Set<string>(REPORT_FIELDS);
  if (suggest !== undefined) for (const field of SUGGESTION_FIELDS) fields.add(field);
  const flags = given.some((each) => each.flags);
  const sizes = given.some((each) => each.sizes);
  const recording = await readRecording(store, { start, end, fields, rootFields, flags, sizes }, options);
  const traffic = new Traffic(recording);
  const last = recording.rows.arrival.reduce((a, b) => Math.max(a, b), 0);
  const hours = last / HOUR;
  const seconds = Number(recording.begin / 1_000_000n) / 1000;
  const range = { startTime: seconds, endTime: seconds + last / 1e9 + 1 };
  const seen = await findCauses(store, range, options);
  const isSuggesting = suggest !== undefined && hours > 0;
  const suggestion = isSuggesting ? suggestRules(traffic, { events: suggest, slowerMs, hours }) : undefined;
  const trials: Trial[] = [];
  for (const each of [
    ...given,
    ...(suggestion
      ? [
          readNamed('suggested, Collector', suggestion.collector),
          readNamed('suggested, Refinery', suggestion.refinery),
        ]
      : []),
  ]) {
    await nextTurn();
    options.signal?.throwIfAborted();
    const { decisions, others = [], notes = [] } = await each.decide(recording, gate);
    const weights = each.product === 'refinery' || decisions.rate.some((rate) => rate > 1);
    const isWhole = decisions.kept.every((share) => share === 1);
    const kept = volumeOf(traffic, hours, decisions);
    trials.push({
      name: each.name,
      product: each.product,
      notes: [...each.notes, ...notes, ...(weights || isWhole ? [] : [unweighted(each)])],
      weights,
      kept,
      ...boundsOf([kept, ...others.map((other) => volumeOf(traffic, hours, other))]),
      rules: byRule(traffic, decisions),
      lost: lostOf(traffic, decisions, seen),
      figures: figuresOf(traffic, decisions),
    });
  }
  return {
    start_time: seconds,
    end_time: seconds + last / 1e9,
    hours,
    short: hours < 1,
    sampled: traffic.isSampled,
    all: volumeOf(traffic, hours),
    trials,
    ...(suggestion && { suggestion }),
  };
}

function unweighted({ product }: NamedRules): string {
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
