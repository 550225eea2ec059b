import { getOrMake } from '../../../lib/get-or-make.ts';
import { counted, listed, quoted } from '../../../lib/text/words.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { TraceFacts } from './facts.ts';
import type { DraftFinding, FindingRule } from './finding.ts';
import { connects } from './waits/connections.ts';
import { nameOf, reads, time } from './words.ts';

/** Among fewer calls, one usually needs the other's answer. */
const LEAST = 3;
/** A smaller saving is not worth the change. */
const LEAST_SAVED_NS = 50e6;
const LEAST_SHARE = 0.3;
/** Largest share of the calls' time between calls. A longer pause means that the caller needs the answers in between. */
const MOST_BETWEEN = 0.05;

/** Of the shape of a statement that only reads one table: `SELECT users 1f3a9c02`. */
const READS_TABLE = /^SELECT (\S+) [0-9a-f]{8}$/;

/**
 * Reading calls of different operations, one right after the other. The calls could run side by side. Of statements, those that read
 * different tables, each over a connection of its own from a pool: over one client, and in a transaction, they cannot.
 */
export const sequentialCalls: FindingRule = {
  name: 'sequential-calls',
  category: 'calls',
  isOfCaller: true,
  hasSmall: true,
  cause: (place) => `${place} calls one service after the other`,
  find(facts, limits = 1) {
    const { model, calls, claimedSpans } = facts;
    const [byCaller, statements] = [new Map<number, Own[]>(), new Map<number, Own[]>()];
    for (const { caller, name, indexes } of calls) {
      const [index = -1] = indexes;
      const isStatement = model.isDatabase(index);
      const single = indexes.length === 1 && (isStatement ? tableOf(model, index) !== '' : reads(name));
      if (!single || caller < 0 || claimedSpans.has(index) || model.error[index] === 1) continue;
      getOrMake(isStatement ? statements : byCaller, caller, () => []).push({ index, name });
    }
    const start = ({ index }: Own) => model.offset[index] ?? 0;
    const inTurn = [...byCaller, ...statements].filter(([, own]) => own.length >= LEAST);
    for (const [, own] of inTurn) own.sort((a, b) => start(a) - start(b) || a.index - b.index);
    const connections = inTurn.some(([caller, own]) => statements.get(caller) === own)
      ? takenFromPools(model)
      : NONE;
    return inTurn.flatMap(([caller, own]) =>
      statements.get(caller) === own && !haveConnections(facts, own, connections)
        ? []
        : findingOf(facts, caller, own, limits),
    );
  },
};

/** A call. */
interface Own {
  readonly index: number;
  /** The called operation. */
  readonly name: string;
}

function tableOf(model: TraceModel, index: number): string {
  return READS_TABLE.exec(model.shape(index) ?? '')?.[1] ?? '';
}

const NONE: ReadonlyMap<number, readonly number[]> = new Map();

/** Spans that take a connection of a pool with several, by their parents. */
function takenFromPools(model: TraceModel): ReadonlyMap<number, readonly number[]> {
  const taken = Array.from(model.parent.keys()).filter(
    (index) => model.poolSize(index) > 1 && connects(model, index),
  );
  return Map.groupBy(taken, (index) => model.parent[index] ?? -1);
}

/**
 * Whether statements, ordered by time, read different tables, and each had just taken a connection of a pool with several: it says so
 * itself, as telemetry's of pg do, or a span beside it does.
 */
function haveConnections(
  { model, end }: TraceFacts,
  own: readonly Own[],
  connections: ReadonlyMap<number, readonly number[]>,
): boolean {
  if (new Set(own.map(({ index }) => tableOf(model, index))).size < own.length) return false;
  return own.every(({ index }, nth) => {
    if (model.poolSize(index) > 1) return true;
    const [since, until] = [end[own[nth - 1]?.index ?? -1] ?? 0, model.offset[index] ?? 0];
    const beside = connections.get(model.parent[index] ?? -1) ?? [];
    return beside.some((each) => (model.offset[each] ?? 0) >= since && (end[each] ?? Infinity) <= until);
  });
}

function findingOf(
  { model, end }: TraceFacts,
  caller: number,
  own: readonly Own[],
  limits: number,
): readonly DraftFinding[] {
  let [until, sum, longest] = [0, 0, 0];
  for (const { index } of own) {
    if ((model.offset[index] ?? 0) < until) return [];
    const length = model.length[index] ?? 0;
    [until, sum, longest] = [end[index] ?? 0, sum + length, Math.max(longest, length)];
  }
  const between = until - (model.offset[own[0]?.index ?? 0] ?? 0) - sum;
  const saved = sum - longest;
  if (between > sum * MOST_BETWEEN || saved < LEAST_SAVED_NS * limits) return [];
  if (saved < (model.length[caller] ?? 0) * LEAST_SHARE * limits) return [];
  const said = ({ index, name }: Own) => (model.isDatabase(index) ? nameOf(model, index) : quoted(name));
  const names = listed(own.map(said));
  return [
    {
      sentence: `${counted(own.length, 'call')} of ${nameOf(model, caller)} ran one after the other for ${time(sum)}: ${names}; side by side they would take ${time(longest)}`,
      advice: 'Start them together and wait for all, unless one needs the answer of another.',
      indexes: own.map(({ index }) => index),
      cost: saved,
    },
  ];
}
