import type { Decide, Deciding } from './decisions.ts';
import { randomBits, rateOf, samplingOf, thresholdOf, wholeId } from './trace-hash.ts';

/** Head sampling, by the variables that SDKs read. */
export interface HeadRules {
  readonly sampler: 'traceidratio' | 'consistent_probability';
  readonly ratio: number;
  /** The index of a trace's state among the values. */
  readonly state: number;
}

/** Decides about each trace as its first service does. */
export function head({ sampler, ratio, state }: HeadRules, { traceIds, values }: Deciding): Decide {
  const threshold = thresholdOf(ratio);
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

/** TraceIdRatioBasedSampler of the SDK 2.12: the exclusive or of the four words of the id, below a bound. */
function keepsByRatio(traceId: string, ratio: number): boolean {
  const bound = ratio === 1 ? 2 ** 32 : Math.floor(ratio * 0xffff_ffff);
  let folded = 0;
  for (let at = 0; at < 32; at += 8) folded = (folded ^ Number.parseInt(traceId.slice(at, at + 8), 16)) >>> 0;
  return /[1-9a-f]/u.test(traceId) && folded < bound;
}
