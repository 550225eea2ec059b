import type { Field } from '../../store/store.ts';

/** The name of Honeycomb's field that tells the roots of traces from other spans. */
const IS_ROOT = 'is_root';

/**
 * The field `is_root`, which is not stored: true for a span without a parent, without a value for log records, events and
 * links. An attribute of this name stands before it.
 */
export function rootField(fields: ReadonlyMap<string, Field>): Field | undefined {
  const [kind, parent] = [fields.get('span.kind'), fields.get('trace.parent_id')];
  if (kind === undefined || parent === undefined || fields.has(IS_ROOT)) return undefined;
  const sql = `CASE WHEN ${kind.sql} IS NOT NULL THEN ${parent.sql} IS NULL END`;
  return { ...kind, name: IS_ROOT, type: 'boolean', sql };
}
