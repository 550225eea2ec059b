import type { Attributes } from '@opentelemetry/api';

/** `src/orders.js:31`: the line of code in the attributes of a span or of a place; empty without one. */
export function lineOf({ attributes }: { readonly attributes: Attributes }): string {
  const keys = ['code.file.path', 'code.line.number', 'code.column.number'];
  return keys.flatMap((key) => attributes[key] ?? []).join(':');
}
