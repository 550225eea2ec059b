import t from 'tap';
import type { StallKind } from '../../src/stalls/stall.ts';
import { kindOf } from '../../src/stalls/stall.ts';

/** Readings of the thread's time that were taken, in milliseconds: of loops, of `execSync`, and of a busy machine. */
const TAKEN: readonly (readonly [
  what: string,
  kind: StallKind,
  ran: number,
  waited: number | undefined,
  window: number,
])[] = [
  ['a loop of 300 ms', 'ran', 300, 1, 310],
  ['a loop of 30 ms', 'ran', 30, 2, 45],
  ['the same on a busy machine', 'ran', 152, 148, 301],
  ['a short one there', 'waited_for_processor', 30, 25, 58],
  ['execSync', 'blocked', 4, 11, 310],
  ['a starved server', 'waited_for_processor', 11, 704, 718],
  ['one that waits for starved threads of its own', 'waited_for_processor', 6.7, 5.7, 43.7],
  ['the same, longer', 'waited_for_processor', 5.5, 15.4, 147],
  ['a system that tells no waits: execSync', 'blocked', 4, undefined, 310],
  ['a starved server there', 'waited_for_processor', 100, undefined, 310],
];

for (const [what, kind, ran, waited, window] of TAKEN)
  t.test(what, async (t) => {
    const before = { ran: 1000, waited: waited && 500 };
    t.equal(kindOf(before, { ran: 1000 + ran, waited: waited && 500 + waited }, window), kind);
  });
