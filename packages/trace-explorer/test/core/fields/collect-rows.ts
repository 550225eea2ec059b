import type { FieldValue } from '../../../src/core/fields/field-type.ts';
import type { SharedFields } from '../../../src/core/fields/resource.ts';
import type { RowSink } from '../../../src/core/fields/row-sink.ts';

export interface Row {
  readonly time: bigint;
  readonly sampleRate: number;
  readonly fields: Record<string, FieldValue>;
  readonly types: Record<string, string>;
}

/** The rows that `map` writes, each with the fields of its resource and scope. */
export function collectRows(map: (sink: RowSink) => void): Row[] {
  const rows: Row[] = [];
  let shared: SharedFields = new Map();
  const sink: RowSink = {
    share: (fields) => {
      shared = fields;
    },
    start: ({ time, sampleRate }) => {
      rows.push({ time, sampleRate, fields: {}, types: {} });
      for (const [field, { type, value }] of shared) sink.set(field, type, value);
    },
    set: (field, type, value) => {
      const row = rows.at(-1);
      if (row === undefined) throw new Error('set before start');
      row.fields[field] = value;
      row.types[field] = type;
    },
  };
  map(sink);
  return rows;
}
