import { perModel } from '../../../../lib/get-or-make.ts';
import { listed, quoted } from '../../../../lib/text/words.ts';
import { callParts } from '../../model/call-parts.ts';
import { lengthOfAll, movedTimes, starvedFor } from '../../model/stalls.ts';
import type { TraceModel } from '../../model/trace-model.ts';
import type { TraceFacts } from '../facts.ts';
import { time } from '../words.ts';

/** Names of spans that only open, or wait for, the connection of another call. */
const CONNECTS = /(?:^|[._-])(?:connect|get_?connection|acquire|reset_session)$/i;
/** Names of those that wait for it, as a pattern for JavaScript and for SQL. */
export const POOL_WAIT = 'pool[._-]?connect$|(?:^|[._-])(?:get_?connection|acquire)$';
const WAITS = new RegExp(POOL_WAIT, 'i');
const OPENS = /(?<!pool[._-]?)connect$/i;
/** Names of telemetry's own, which are a wait where they have one: the database comes last. */
const OWN = /^connect /;

/** Parts are rounded, and may so be longer than their sum. */
const MOST_BEYOND = 1.05;

/** What to do about calls that wait for a pool. */
export const POOL_ADVICE =
  'Let calls hold a connection for less time, and give each one back. A larger pool helps only while the other side has room.';

/** Whether a call only opens, or waits for, the connection of another one. */
export function connects(model: TraceModel, index: number): boolean {
  const name = model.name(index);
  return model.statement(index) === 0 && (CONNECTS.test(name) || (OWN.test(name) && model.isDatabase(index)));
}

/** Calls of each service to each database or address. */
export function byPeer(model: TraceModel, indexes: readonly number[]): readonly (readonly number[])[] {
  const peerKey = (index: number) => JSON.stringify([model.service(index), model.peer(index)]);
  return [...Map.groupBy(indexes, peerKey).values()];
}

/** Calls of each service over each pool: two of one database are told apart by their sizes, if both are known. */
export function byPool(model: TraceModel, indexes: readonly number[]): readonly (readonly number[])[] {
  return byPeer(model, indexes).flatMap((own) => {
    const bySize = Map.groupBy(own, (index) => model.poolSize(index));
    // Of a call without a size nobody knows which of two pools it was over.
    const isPartKnown = bySize.delete(0);
    return isPartKnown && bySize.size < 2 ? [own] : [...bySize.values()];
  });
}

/** ` of users-db` or ` to prices:443`; empty where nobody knows. */
export function peerText(model: TraceModel, index: number, preposition: string): string {
  const peer = model.peer(index);
  return peer === undefined ? '' : ` ${preposition} ${quoted(peer)}`;
}

/**
 * Nanoseconds that a call waited until its pool had a connection. Opening one is none of it, and neither is a wait that was mostly a
 * standstill: the rest of that is as long as stalls are inexact. Without a processor, opening one looks like such a wait.
 */
export function waitedFor({ model, self, stood }: TraceFacts, index: number): number {
  const isWait = isConnect(model, index) && WAITS.test(model.name(index)) && model.connecting(index) === 0;
  const own = Math.max(0, (self[index] ?? 0) - (stood[index] ?? 0));
  const waited = isWait ? own : 1e6 * model.waiting(index);
  if (own < waited / 2 || waited === 0) return 0;
  if (model.connecting(index) > 0 && starvedFor(model, index) > 0) return 0;
  const told = isWait ? own : 1e6 * (partsOf(model, index).find(({ name }) => name === 'waiting')?.ms ?? 0);
  return Math.min(told, own);
}

/** Nanoseconds in which a call opened its connection: name, TCP and TLS. */
export function openingOf(facts: TraceFacts, index: number): number {
  const { model, self, took } = facts;
  const opens = (name: string) => OPENS.test(name) || OWN.test(name);
  if (model.waiting(index) === 0 && isConnect(model, index) && opens(model.name(index)))
    return took[index] ?? 0;
  // Most spans have no parts, and rules ask of all.
  if (model.dns(index) + model.connecting(index) + model.tls(index) === 0) return 0;
  const parts = openingParts(model, index).reduce((sum, { ms }) => sum + ms, 0);
  return Math.max(0, Math.min(1e6 * parts, (self[index] ?? 0) - waitedFor(facts, index)));
}

/**
 * How a call opened its connection, the longest part first: ` (TLS 80.0 ms and connecting 12.0 ms)`. Empty without parts, and where
 * a span below is what opened it: no part is longer than the whole.
 */
export function openingWords(facts: TraceFacts, index: number): string {
  const parts = openingParts(facts.model, index).toSorted((a, b) => b.ms - a.ms);
  const sum = parts.reduce((all, { ms }) => all + 1e6 * ms, 0);
  if (sum > openingOf(facts, index) * MOST_BEYOND) return '';
  const words = parts.map(({ words, ms }) => `${words} ${time(1e6 * ms)}`);
  return words.length === 0 ? '' : ` (${listed(words)})`;
}

/** What to do about a connection that takes long to open. */
export function openingAdvice(model: TraceModel, index: number): string {
  const [longest] = openingParts(model, index).toSorted((a, b) => b.ms - a.ms);
  if (longest?.name === 'dns') return 'See which resolver answers for the name, and how long it takes.';
  if (longest?.name === 'tls') return 'See how long the other side needs for the TLS handshake.';
  return 'See whether the other side is near, and accepts connections at once.';
}

function openingParts(model: TraceModel, index: number) {
  return partsOf(model, index).filter(({ name }) => /^(?:dns|connecting|tls)$/.test(name));
}

/**
 * The parts of a call, each without the time in which a process stood still instead of it. Where the parts and a stall at the start fit
 * into the call, its client has left the stall out already.
 */
function partsOf(model: TraceModel, index: number) {
  const [all, offset] = [movedTimes(model).get(index) ?? [], model.offset[index] ?? 0];
  const told = callParts(model, index);
  const isFirst = ({ from }: (typeof all)[number]) => from <= offset;
  const sum = told.reduce((ns, { ms }) => ns + 1e6 * ms, 0) + lengthOfAll(all.filter(isFirst));
  const isLeftOut = sum <= (model.length[index] ?? 0) * MOST_BEYOND;
  const stalls = isLeftOut ? all.filter((each) => !isFirst(each)) : all;
  let until = offset;
  const parts = told.map((part) => {
    const from = until;
    until += 1e6 * part.ms;
    const within = stalls.map((stall) => ({
      from: Math.max(from, stall.from),
      until: Math.min(until, stall.until),
    }));
    return { ...part, ms: part.ms - lengthOfAll(within) / 1e6 };
  });
  return parts.filter(({ ms }) => ms > 0);
}

/** Whether a call is such a one. The names of a trace are looked at once: most rules ask, for each span. */
function isConnect(model: TraceModel, index: number): boolean {
  return connectsOf(model).has(index);
}

const connectsOf = perModel((model: TraceModel) => {
  const isOne = (each: number) =>
    (model.kind(each) === 'client' || model.isDatabase(each)) && connects(model, each);
  return new Set([...model.length.keys()].filter(isOne));
});
