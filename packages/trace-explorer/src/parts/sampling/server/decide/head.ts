import type { Decide, Deciding } from './decisions.ts';
import { RANDOM_VALUES, randomBits, rateOf, samplingOf, wholeId } from './trace-hash.ts';

/** Decides about each trace as its first service does. @param state the index of a trace's state among the values */
export function head(
  sampler: 'traceidratio' | 'consistent_probability',
  ratio: number,
  state: number,
  { traceIds, values }: Deciding,
): Decide {
  const threshold = roundedThreshold(ratio);
  const isByRatio = sampler === 'traceidratio';
  return (traces) =>
    traces.map((trace) => {
      const id = traceIds[trace] ?? '';
      const isKept = isByRatio
        ? keepsByRatio(wholeId(id), ratio)
        : threshold <= (samplingOf(values[state]?.[trace]).random ?? randomBits(id));
      return { kept: Number(isKept), rate: isKept && !isByRatio ? rateOf(threshold) : 1, rule: sampler };
    });
}

/** The threshold of consistent_probability: four digits behind leading f's, as the specification recommends. */
function roundedThreshold(ratio: number): bigint {
  if (ratio === 0) return RANDOM_VALUES;
  const digits = Math.min(14, 4 + Math.floor((-Math.floor(Math.log2(ratio)) - 1) / 4));
  // A half is rounded down. At least one value is kept.
  const share = BigInt(Math.max(1, Math.ceil(ratio * 16 ** digits - 0.5)));
  return RANDOM_VALUES - (share << BigInt(56 - 4 * digits));
}

/** TraceIdRatioBasedSampler of the SDK 2.12: the exclusive or of the four words of the id, below a bound. */
function keepsByRatio(traceId: string, ratio: number): boolean {
  const bound = ratio === 1 ? 2 ** 32 : Math.floor(ratio * 0xffff_ffff);
  let folded = 0;
  for (let at = 0; at < 32; at += 8) folded = (folded ^ Number.parseInt(traceId.slice(at, at + 8), 16)) >>> 0;
  return /[1-9a-f]/u.test(traceId) && folded < bound;
}
