import t from 'tap';
import type { FieldValue } from '../../src/fields/field-type.ts';
import { ColumnBuffer } from '../../src/store/column-buffer.ts';

/** What a column was given, row by row. */
function rowsOf({ rows, values, end }: ColumnBuffer): (FieldValue | undefined)[] {
  const all: (FieldValue | undefined)[] = new Array(end).fill(undefined);
  for (const [index, row] of rows.entries()) all.fill(values[index], row, rows[index + 1] ?? end);
  return all;
}

t.test('a column gives back what rows were given', async (t) => {
  const column = new ColumnBuffer('field');
  const given: (FieldValue | undefined)[] = [];
  const values: FieldValue[] = ['a', 'a', 'b', 0, -0, Number.NaN, Number.NaN, 2n ** 60n, true, 'true'];
  for (let row = 0; row < 400; row++) {
    // Gaps at the start and in between.
    if (row < 3 || row % 7 === 5) continue;
    for (let times = 0; times <= row % 3; times++) {
      const value = values[(row * 5 + times) % values.length] as FieldValue;
      column.set(row, value);
      given[row] = value;
    }
  }
  t.ok(rowsOf(column).every((value, row) => Object.is(value, given[row])));
  t.equal(rowsOf(column).length, given.length);
});

t.test('a row whose value is set again leaves those before it as they are', async (t) => {
  const column = new ColumnBuffer('field');
  for (const row of [0, 1, 2]) column.set(row, 'same');
  column.set(2, 'other');
  column.set(2, 'another');
  column.set(3, 'another');
  t.same(rowsOf(column), ['same', 'same', 'another', 'another']);
  column.set(3, 'same');
  t.same(rowsOf(column), ['same', 'same', 'another', 'same']);
});

t.test('0 and -0 are two values', async (t) => {
  const column = new ColumnBuffer('field');
  for (const [row, value] of [0, -0, 0].entries()) column.set(row, value);
  t.ok(rowsOf(column).every((value, row) => Object.is(value, row === 1 ? -0 : 0)));
});

t.test('equal values take no room', async (t) => {
  const column = new ColumnBuffer('field');
  for (let row = 0; row < 1_000; row++) column.set(row, 'same');
  t.equal(column.values.length, 1);
});
