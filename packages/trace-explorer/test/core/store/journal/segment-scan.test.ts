import t from 'tap';
import { lossesOf } from '../../../../src/core/store/journal/segment-scan.ts';

/** Records as [first row, rows]. */
type Records = readonly (readonly [seq: number, rows: number])[];
const rowsOf = (records: Records) => records.map(([seq, rows]) => ({ seq, rows }));
const scan = (records: Records, lost: Records = [], hasBadEnd = lost.length > 0) => ({
  records: rowsOf(records),
  lost: rowsOf(lost),
  hasBadEnd,
});

for (const [what, scans, fromSeq, expected] of [
  [
    'nothing is lost where records follow each other',
    [
      scan([
        [1, 2],
        [3, 2],
      ]),
      scan([[5, 1]]),
    ],
    1,
    [],
  ],
  ['rows that the database has are not lost', [scan([[5, 5]])], 5, []],
  ['nor those of a record that it has in part', [scan([[1, 9]])], 5, []],
  [
    'a gap is lost',
    [
      scan([
        [1, 2],
        [5, 2],
      ]),
    ],
    1,
    [[0, 2, false]],
  ],
  ['a damaged record says its rows, and more may be lost', [scan([[1, 2]], [[3, 4]])], 1, [[0, 4, true]]],
  ['of one that the database has in part, the rest', [scan([], [[1, 4]])], 3, [[0, 2, true]]],
  [
    'an unreadable end: the next segment shows that nothing is lost',
    [scan([[1, 2]], [], true), scan([[3, 1]])],
    1,
    [],
  ],
  [
    'or what is, which is the loss of the first one',
    [scan([[1, 2]], [], true), scan([[6, 1]])],
    1,
    [[0, 3, false]],
  ],
  [
    'an empty segment in between shows nothing',
    [scan([[1, 2]], [], true), scan([]), scan([[4, 1]])],
    1,
    [[0, 1, false]],
  ],
  ['at the last segment it is a doubt', [scan([[1, 2]]), scan([[3, 1]], [], true)], 1, [[1, 0, false]]],
  [
    'a damaged record of an earlier segment is counted once',
    [scan([], [[1, 4]]), scan([[5, 1]])],
    1,
    [[0, 4, true]],
  ],
] as const)
  t.test(what, async (t) => {
    t.same(
      lossesOf(scans, fromSeq),
      expected.map(([at, rows, isLeast]) => ({ at, rows, isLeast })),
    );
  });

for (const [what, scans, acknowledged, expected] of [
  ['nothing that was acknowledged is missing', [scan([[1, 4]])], 5, []],
  ['nobody knows what was acknowledged', [scan([[1, 4]])], 0, []],
  ['the end of the last segment', [scan([[1, 2]]), scan([[3, 2]])], 9, [[1, 4, true]]],
  ['an unreadable end', [scan([[1, 2]], [], true)], 9, [[0, 6, true]]],
  ['a damaged record, and the end', [scan([[1, 2]], [[3, 2]])], 9, [[0, 6, true]]],
  ['all segments', [], 9, [[-1, 8, true]]],
] as const)
  t.test(`${what}: what is lost is told by what was acknowledged`, async (t) => {
    t.same(
      lossesOf(scans, 1, acknowledged),
      expected.map(([at, rows, isLeast]) => ({ at, rows, isLeast })),
    );
  });
