import type { HeadRules } from '../rules/head.ts';
import type { Traffic } from '../traffic.ts';
import type { Decisions } from './decisions.ts';
import { noDecisions } from './decisions.ts';
import { randomBits, rateOf, samplingOf, thresholdOf, wholeId } from './trace-hash.ts';

/** Decides about each trace as its first service does. @param states the trace state of each trace */
export function decideHead(
  { traceIds }: Traffic,
  states: readonly unknown[],
  { sampler, ratio }: HeadRules,
): Decisions {
  const decisions = noDecisions(traceIds.length, false);
  const threshold = thresholdOf(ratio);
  for (const [trace, id] of traceIds.entries()) {
    decisions.rule[trace] = sampler;
    if (sampler === 'traceidratio') {
      decisions.kept[trace] = keepsByRatio(wholeId(id), ratio) ? 1 : 0;
      continue;
    }
    if (threshold > (samplingOf(states[trace]).random ?? randomBits(id))) continue;
    decisions.kept[trace] = 1;
    decisions.rate[trace] = rateOf(threshold);
  }
  return decisions;
}

/** TraceIdRatioBasedSampler of the SDK 2.12: the exclusive or of the four words of the id, below a bound. */
function keepsByRatio(traceId: string, ratio: number): boolean {
  const bound = ratio === 1 ? 2 ** 32 : Math.floor(ratio * 0xffff_ffff);
  let folded = 0;
  for (let at = 0; at < 32; at += 8) folded = (folded ^ Number.parseInt(traceId.slice(at, at + 8), 16)) >>> 0;
  return /[1-9a-f]/u.test(traceId) && folded < bound;
}
