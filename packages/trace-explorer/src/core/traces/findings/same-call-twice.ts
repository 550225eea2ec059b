import { getOrMake } from '../../../lib/get-or-make.ts';
import { times } from '../../../lib/text/words.ts';
import type { TraceModel } from '../model/trace-model.ts';
import type { Calls, TraceFacts } from './facts.ts';
import { coveredTime } from './facts.ts';
import type { FindingRule } from './finding.ts';
import { say } from './sentence.ts';
import { callsAs, reads, spanWords, time } from './words.ts';

/** Commands of Redis and Memcached that change nothing, beside those that `reads` knows. */
const READS_KEY =
  /^(?:redis-)?(?:M?GET|EXISTS|P?TTL|TYPE|STRLEN|GETRANGE|WATCH|H(?:M?GET|GETALL|KEYS|VALS|LEN|EXISTS)|S(?:MEMBERS|CARD|ISMEMBER)|L(?:RANGE|LEN|INDEX)|Z(?:RANGE|CARD|SCORE)|X(?:RANGE|LEN))\b/i;
/** A statement's operation and table at the beginning of its shape. */
const TABLE = /^(\S+) (.+) [0-9a-f]{8}$/;

/**
 * A reading call that a request makes again with the same arguments, although the first call was answered, and nothing was
 * written there since. One that polls is made again for another answer.
 */
export const sameCallTwice: FindingRule = {
  name: 'same-call-twice',
  category: 'calls',
  isOfCall: true,
  cause: (place) => `${place} is called again with the same arguments`,
  find(facts) {
    const { model, entry, calls, claimedSpans, polls } = facts;
    const groups = new Map<string, { operation: Calls; within: number; indexes: number[] }>();
    for (const operation of calls) {
      if (!reads(operation.name)) continue;
      for (const index of operation.indexes) {
        const [call, within = -1] = [model.call(index), entry[index]];
        if (call === 0 || model.error[index] === 1 || claimedSpans.has(index) || polls.has(index)) continue;
        const key = `${within} ${call} ${operation.name} ${model.service(index)}`;
        getOrMake(groups, key, () => ({ operation, within, indexes: [] })).indexes.push(index);
      }
    }
    const writes = [...groups.values()].some(({ indexes }) => indexes.length > 1) ? writesOf(facts) : NONE;
    const runs = [...groups.values()].flatMap(({ indexes, ...group }) =>
      unchanged(facts, indexes, writes).map((ordered) => ({ ...group, ordered })),
    );
    return runs.flatMap(({ operation, within, ordered }) => {
      if (ordered.length < 2) return [];
      const saved = coveredTime(facts, ordered) - (model.length[ordered[0] ?? 0] ?? 0);
      return {
        sentence: say`${callsAs(model, operation)} was called ${times(ordered.length)} with the same arguments within ${spanWords(model, within)}; to keep the first answer would save up to ${time(saved)}`,
        advice: 'Keep the answer for the rest of the request, or pass it on.',
        indexes: ordered,
        cost: saved,
      };
    });
  },
};

type Writes = ReadonlyMap<string, readonly number[]>;

const NONE: Writes = new Map();

/** The trace's calls that write, by what they write, ordered by time. */
function writesOf({ model, calls }: TraceFacts): Writes {
  const writes = new Map<string, number[]>();
  for (const { name, indexes } of calls) {
    if (reads(name) || READS_KEY.test(name)) continue;
    for (const index of indexes) {
      const isSelect = model.isDatabase(index) && /^SELECT /.test(model.shape(index) ?? '');
      const key = isSelect ? '' : writtenKey(model, index);
      if (key !== '') getOrMake(writes, key, () => []).push(index);
    }
  }
  const start = (index: number) => model.offset[index] ?? 0;
  for (const indexes of writes.values()) indexes.sort((a, b) => start(a) - start(b) || a - b);
  return writes;
}

/** What a call reads or writes: the key of a store, the table of a statement, or an address. Empty where it is not known. */
function writtenKey(model: TraceModel, index: number): string {
  if (model.resource(index) > 0) return `key ${model.resource(index)}`;
  const [, , table] = TABLE.exec(model.shape(index) ?? '') ?? [];
  if (model.isDatabase(index)) return table === undefined ? '' : `table ${table.toLowerCase()}`;
  return model.call(index) > 0 ? `address ${model.call(index)}` : '';
}

/** Equal reads, ordered by time, as lists between which something was written where they read. */
function unchanged(
  { model, end }: TraceFacts,
  indexes: readonly number[],
  writes: Writes,
): readonly (readonly number[])[] {
  const start = (index: number) => model.offset[index] ?? 0;
  const ordered = indexes.toSorted((a, b) => start(a) - start(b) || a - b);
  const own = writes.get(writtenKey(model, ordered[0] ?? -1)) ?? [];
  if (own.length === 0) return [ordered];
  const runs: number[][] = [];
  let [at, written] = [0, -Infinity];
  for (const index of ordered) {
    for (; start(own[at] ?? -1) < start(index) && at < own.length; at++)
      written = Math.max(written, end[own[at] ?? -1] ?? 0);
    const run = runs.at(-1);
    if (run === undefined || written > start(run.at(-1) ?? -1)) runs.push([index]);
    else run.push(index);
  }
  return runs;
}
