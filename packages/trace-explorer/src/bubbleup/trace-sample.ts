import type { Block } from '../traces/read/row-blocks.ts';
import { joinBlocks } from '../traces/read/row-blocks.ts';
import type { Sides } from './distribution.ts';

/** A trace that may be looked at: where its rows are, and what of it fits the query. */
export interface FoundTrace {
  /** DuckDB's hash of its id. */
  readonly hash: bigint;
  readonly rows: Block;
  /** Whether one of its events is selected. */
  readonly isSelected: boolean;
  /** How many traces it stands for. */
  readonly weight: number;
  /** Its events that fit the query, and those of them that are selected. */
  readonly fitting: number;
  readonly selected: number;
}

/** Whole traces of both sides, and the rows among which all of theirs are. */
export interface TraceSample {
  readonly traces: readonly FoundTrace[];
  readonly blocks: readonly Block[];
  /** How many traces there are in all, about. */
  readonly whole: Sides;
}

/** Rows on each side of a place among which its traces are looked for … */
const REACH = 4_000;
/** … and how far those may go beyond: a trace that lies wider apart is not taken. */
const SLACK = 16_000;

/** The rows around some places, as blocks in order that do not meet. */
export function blocksAround(places: readonly number[], reach = REACH): Block[] {
  return joinBlocks(places.map((place) => ({ first: place - reach, last: place + reach })));
}

/**
 * Takes the traces of which every row is near, so that none is looked at in part.
 * @param found those with an event in one of the blocks
 * @param events all that fit the query, by whether they are selected, as often as they stand for
 */
export function takeTraces(
  found: readonly FoundTrace[],
  blocks: readonly Block[],
  events: Sides,
): TraceSample {
  const near = blocks.map(({ first, last }) => ({ first: first - SLACK, last: last + SLACK }));
  const traces = found.filter(({ rows }) =>
    near.some(({ first, last }) => rows.first >= first && rows.last <= last),
  );
  return { traces, blocks: joinBlocks(traces.map(({ rows }) => rows)), whole: inAll(traces, events) };
}

/** How many traces there are: as many to an event as among those that were taken. */
function inAll(traces: readonly FoundTrace[], events: Sides): Sides {
  const sums = (of: readonly FoundTrace[]) => {
    const sum = (value: (trace: FoundTrace) => number) =>
      of.reduce((total, each) => total + each.weight * value(each), 0);
    return {
      traces: sum(() => 1),
      fitting: sum(({ fitting }) => fitting),
      selected: sum(({ selected }) => selected),
    };
  };
  const own = sums(traces.filter(({ isSelected }) => isSelected));
  const others = sums(traces.filter(({ isSelected }) => !isSelected));
  const selection = own.selected === 0 ? 0 : (events.selection * own.traces) / own.selected;
  // Selected traces have events that are not selected, too.
  const beside = own.traces === 0 ? 0 : (selection * own.fitting) / own.traces;
  const rest = Math.max(0, events.selection + events.baseline - beside);
  const baseline = others.fitting === 0 ? 0 : (rest * others.traces) / others.fitting;
  return { selection: Math.round(selection), baseline: Math.round(Math.max(baseline, others.traces)) };
}
