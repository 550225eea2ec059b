import type { Statement } from '../../../../core/query/compile/binder.ts';
import type { QuerySource } from '../../../../core/query/run/run-query.ts';
import { sidesSql } from './bubbleup-sql.ts';
import type { SidesPlan } from './plan.ts';
import { sampled } from './plan.ts';

/** With more events than this, BubbleUp compares a sample … */
const SAMPLED_ABOVE = 250_000;
/**
 * … of about this many events of each side. When whole traces are compared, of about this many traces: in fields without a
 * difference, chance then makes differences of 3 %, hardly ever of 5 %.
 */
const SAMPLE_EVENTS = 25_000;
const SAMPLE_EVENTS_OF_TRACES = 2_500;

export type Read = (statement: Statement) => Promise<readonly (readonly unknown[])[]>;

/** Makes a plan that reads a sample of a large store. A plan of a small store stays as it is. */
export async function sampleIfLarge(store: QuerySource, plan: SidesPlan, read: Read): Promise<SidesPlan> {
  if (store.stats().rows <= SAMPLED_ABOVE) return plan;
  const [row = []] = await read(sidesSql(plan));
  const [selected = 0, events = 0] = row.map(Number);
  if (plan.traces === undefined && events <= SAMPLED_ABOVE) return plan;
  const most = plan.traces === undefined ? SAMPLE_EVENTS : SAMPLE_EVENTS_OF_TRACES;
  const selection = Math.max(1, Math.ceil(selected / most));
  const baseline = selection * Math.max(1, Math.round((events - selected) / most / selection));
  return baseline === 1 ? plan : sampled(plan, { selection, baseline });
}
