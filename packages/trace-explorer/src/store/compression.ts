/**
 * Fields whose values are all different. DuckDB looks each of them up among the others and makes it shorter, which takes
 * 0.55 µs of a commit's 3.5 for a span, and spares 11 bytes of disk.
 */
const ALL_DIFFERENT: ReadonlySet<string> = new Set(['trace.span_id']);

/** What the definition of a field's column says of its compression, in SQL: mostly nothing, as DuckDB chooses well. */
export function compressionOf(field: string): string {
  return ALL_DIFFERENT.has(field) ? ' USING COMPRESSION uncompressed' : '';
}
