import { getOrMake } from '../../../../lib/get-or-make.ts';
import { counted, listed } from '../../../../lib/text/words.ts';
import type { TraceModel } from '../../model/trace-model.ts';
import type { FindingRule } from '../finding.ts';
import { serviceOf, time } from '../words.ts';

/** Clocks that NTP keeps differ by less. Senders that round to milliseconds also seem to differ by less. */
const LEAST_NS = 5e6;

/** Clocks that disagree, and clocks ahead of the explorer's. */
export const wrongClock: FindingRule = {
  name: 'wrong-clock',
  category: 'telemetry',
  cause: (_place, service) => `The clock of ${service} is wrong`,
  find({ model }) {
    const [moved, future] = [model.marked('clock_adjusted'), model.marked('future_start_time')];
    const advice = 'Synchronise the clocks of the machines (NTP).';
    const differences = describeClocks(model);
    const clocks = `Clocks disagree: ${differences}; ${counted(moved.length, 'span')} moved`;
    const ahead = `Start more than an hour after arrival in ${counted(future.length, 'span')}: a clock is wrong`;
    return [
      ...(future.length === 0 ? [] : [{ sentence: ahead, advice, indexes: future, cost: 0 }]),
      ...(differences === '' ? [] : [{ sentence: clocks, advice, indexes: moved, cost: 0 }]),
    ];
  },
};

/** Pairs of services with different clocks: `user-lookup is 700 ms ahead of activities-api`. May be empty. */
function describeClocks(model: TraceModel): string {
  const pairs = new Map<string, { service: string; than: string; by: number }>();
  for (let index = 0; index < model.count; index++) {
    const above = model.parent[index] ?? -1;
    if (above < 0) continue;
    const by = model.shift(above) - model.shift(index);
    if (Math.abs(by) < LEAST_NS || untimed(model, index) || untimed(model, above)) continue;
    const [service, than] = [serviceOf(model, index), serviceOf(model, above)];
    if (service === than) continue;
    const pair = getOrMake(pairs, JSON.stringify([service, than].sort()), () => ({ service, than, by }));
    if (Math.abs(by) > Math.abs(pair.by)) Object.assign(pair, { service, than, by });
  }
  const found = [...pairs.values()].sort((a, b) => Math.abs(b.by) - Math.abs(a.by));
  const clock = (by: number) => `${time(Math.abs(by))} ${by > 0 ? 'ahead of' : 'behind'}`;
  return listed(found.map(({ service, than, by }) => `${service} is ${clock(by)} ${than}`));
}

const UNTIMED: ReadonlySet<string> = new Set(['no_start_time', 'other_time_unit', 'far_time']);

function untimed(model: TraceModel, index: number): boolean {
  return model.marks(index).some((mark) => UNTIMED.has(mark));
}
