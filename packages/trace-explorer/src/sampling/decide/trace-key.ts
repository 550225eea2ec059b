import type { Recording } from '../recording.ts';
import type { DynamicSpec } from '../rules/refinery.ts';
import { bare, goText } from '../rules/refinery.ts';

/** Values of a key. Refinery looks for no more. */
const MOST_VALUES = 100;

/** The key of a trace: the values of the fields in all rows, then those of the root span. */
export function traceKeys(
  { fields, useLength }: DynamicSpec,
  recording: Recording,
): (rows: Int32Array, root: number | undefined) => string {
  const sorted = fields.toSorted();
  const ofRows = sorted.filter((field) => bare(field) === field).map((field) => recording.reader(field));
  const ofRoot = sorted
    .filter((field) => bare(field) !== field)
    .map((field) => recording.reader(bare(field)));
  return (rows, root) => {
    let total = 0;
    let key = '';
    for (const read of ofRows) {
      const values = new Set<string>();
      for (const row of rows) {
        const value = read(row);
        if (value === undefined || total >= MOST_VALUES) continue;
        const text = goText(value);
        if (!values.has(text) && ++total < MOST_VALUES) values.add(text);
      }
      if (values.size > 0)
        key += `${[...values]
          .sort()
          .map((value) => `${value}•`)
          .join('')},`;
    }
    if (root !== undefined)
      for (const read of ofRoot) {
        const value = read(root);
        if (value !== undefined) key += `${goText(value)},`;
      }
    return useLength ? key + rows.length : key;
  };
}
