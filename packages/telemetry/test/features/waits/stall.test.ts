import t from 'tap';
import type { StallKind } from '../../../src/features/waits/stall.ts';
import { stallKindOf } from '../../../src/features/waits/stall.ts';

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
    t.equal(stallKindOf(before, { ran: 1000 + ran, waited: waited && 500 + waited }, window), kind);
  });

/** Readings of a server on a busy virtual machine, in whose code nothing blocks. */
const OUTSIDE: readonly (readonly [
  what: string,
  kind: StallKind,
  ran: number,
  waited: number,
  window: number,
  clock: number,
  moves: number,
  otherWaited: number,
])[] = [
  [
    'one that waits for a thread of its own, which waits',
    'waited_for_processor',
    1.3,
    0.1,
    80.6,
    80.6,
    0,
    79.8,
  ],
  ['the same, beside a move', 'waited_for_processor', 2.3, 2.5, 55.6, 94.1, 1, 54.4],
  ['a machine that is given no processor', 'waited_for_processor', 0, 0, 71.6, 0, 0, 0],
  ['the same for a part of the time', 'waited_for_processor', 5, 0, 51, 8.9, 0, 4.8],
  ['both', 'waited_for_processor', 3.8, 4.9, 143.6, 19.9, 0, 12.9],
  ['execSync', 'blocked', 1.2, 0, 81, 80.7, 0, 0.6],
  ['execSync that moved to a processor whose clock is behind', 'blocked', 1.3, 1.4, 64.2, 29.5, 1, 0.2],
  ['execSync beside a short wait of another thread', 'blocked', 1.2, 0.1, 120, 119.8, 0, 12],
];

for (const [what, kind, ran, waited, window, clock, moves, otherWaited] of OUTSIDE)
  t.test(what, async (t) => {
    const before = { ran: 1000, waited: 500, behind: -9000, moves: 3, waits: new Map([['7', 40]]) };
    const after = {
      ran: 1000 + ran,
      waited: 500 + waited,
      behind: -9000 + window - clock,
      moves: 3 + moves,
      waits: new Map([
        ['7', 40 + otherWaited],
        ['8', 5_000], // a thread that the reading before did not know
      ]),
    };
    t.equal(stallKindOf(before, after, window), kind);
  });
