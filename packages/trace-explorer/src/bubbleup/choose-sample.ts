import type { Statement } from '../query/compile/binder.ts';
import type { QuerySource } from '../query/run/run-query.ts';
import { BLOCK_ROWS, foundSql, placesSql, sidesSql } from './bubbleup-sql.ts';
import type { Sides } from './distribution.ts';
import type { Plan } from './plan.ts';
import { sampleEvents, sampleTraces } from './plan.ts';
import type { FoundTrace } from './trace-sample.ts';
import { blocksAround, takeTraces } from './trace-sample.ts';

/** Rows to be read for both sides together from which on a sample is compared … */
const SAMPLED_ABOVE = 1_000_000;
/** … of about so many rows of each side, at most … */
const SAMPLE_ROWS = 50_000;
/** … which lie in so many blocks. */
const SAMPLE_BLOCKS = 150;
/** Where whole traces are compared, of each side at most so many … */
const SAMPLE_TRACES = 2_000;
/** … around so many places. */
const TRACE_PLACES: Sides = { selection: 12, baseline: 8 };
export type Read = (statement: Statement) => Promise<readonly (readonly unknown[])[]>;

/** Of a large store, a plan that reads a sample; else the plan itself. */
export async function sampleIfLarge(store: QuerySource, plan: Plan, read: Read): Promise<Plan> {
  if (store.stats().rows <= SAMPLED_ABOVE) return plan;
  return plan.traces === undefined ? sampledEvents(plan, read) : sampledTraces(plan, read);
}

async function sampledEvents(plan: Plan, read: Read): Promise<Plan> {
  const [row = []] = await read(sidesSql(plan));
  const [selected = 0, selectedRows = 0, selectedBlocks = 0, events = 0, rows = 0, blocks = 0] =
    row.map(Number);
  // Few events that lie scattered take as long to read as the blocks of many.
  if (blocks * BLOCK_ROWS <= SAMPLED_ABOVE) return plan;
  const share = (of: number, inBlocks: number) =>
    Math.min(1, SAMPLE_ROWS / Math.max(1, of), SAMPLE_BLOCKS / Math.max(1, inBlocks));
  return sampleEvents(
    plan,
    { selection: share(selectedRows, selectedBlocks), baseline: share(rows - selectedRows, blocks) },
    { selection: selected, baseline: events - selected },
  );
}

/** Of whole traces those around places at even distances among the events of each side. */
async function sampledTraces(plan: Plan, read: Read): Promise<Plan> {
  const [[selected, all, ...places] = []] = await read(placesSql(plan, TRACE_PLACES));
  const [selection, baseline] = places.map((list) =>
    blocksAround(Array.isArray(list) ? list.map(Number) : []),
  );
  if (selection === undefined || baseline === undefined) return plan;
  const found = (await read(foundSql(plan, { selection, baseline }, SAMPLE_TRACES))).map(
    ([hash, first, last, weight, fitting, chosen]): FoundTrace => ({
      hash: BigInt(hash as number | bigint),
      rows: { first: Number(first), last: Number(last) },
      isSelected: Number(chosen) > 0,
      weight: Number(weight),
      fitting: Number(fitting),
      selected: Number(chosen),
    }),
  );
  const events = { selection: Number(selected), baseline: Number(all) - Number(selected) };
  return sampleTraces(plan, takeTraces(found, [...selection, ...baseline], events));
}
