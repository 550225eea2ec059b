import type { PlainValue } from '../../../../core/traces/forms/plain-value.ts';

/** A block, also with absent parts. */
export interface Draft {
  readonly [key: string]: PlainValue | Draft | undefined;
}

/** A block without undefined parts and without empty blocks; undefined when nothing is left. */
export function present(block: Draft): { [key: string]: PlainValue } | undefined {
  const entries = Object.entries(block).flatMap(([key, value]): [string, PlainValue][] => {
    if (value === undefined) return [];
    if (!isDraft(value)) return [[key, value]];
    const inner = present(value);
    return inner === undefined ? [] : [[key, inner]];
  });
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function isDraft(value: PlainValue | Draft): value is Draft {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
