import { isDeepStrictEqual } from 'node:util';
import type { Resource } from './definitions.ts';

/** What Honeycomb takes a query's part for when it is left out; it writes some of them into its answers. */
const DEFAULTS: Readonly<Record<string, readonly unknown[]>> = {
  calculations: [[{ op: 'COUNT' }]],
  filter_combination: ['AND'],
  granularity: [0],
  limit: [100, 1000],
  order: ['ascending'],
  time_range: [7200],
  usage_mode: [false],
};

/** Whether two query specifications ask the same: whatever one leaves out is the default, and filters have no order. */
export function isSameQuery(a: Resource, b: Resource): boolean {
  return isDeepStrictEqual(normalQuery(a), normalQuery(b));
}

/** Whether all of `wanted` stands in `found`, which may say more: ids, times, and what Honeycomb fills in. */
export function contains(found: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted))
    return (
      Array.isArray(found) &&
      found.length === wanted.length &&
      wanted.every((each, index) => contains(found[index], each))
    );
  if (typeof wanted !== 'object' || wanted === null) return found === wanted;
  if (typeof found !== 'object' || found === null) return false;
  const parts = found as Resource;
  return Object.entries(wanted).every(([key, value]) => contains(parts[key], value));
}

function normalQuery({ id: _, ...query }: Resource): unknown {
  return normal(query);
}

function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal);
  if (typeof value !== 'object' || value === null) return value;
  const parts = Object.entries(value)
    .filter(([key, part]) => !isUnsaid(key, part))
    .map(([key, part]): [string, unknown] => {
      const each = normal(part);
      return [key, key === 'filters' && Array.isArray(each) ? sorted(each) : each];
    });
  return Object.fromEntries(parts);
}

function isUnsaid(key: string, value: unknown): boolean {
  if (value === null || value === '' || (Array.isArray(value) && value.length === 0)) return true;
  return DEFAULTS[key]?.some((each) => isDeepStrictEqual(each, value)) ?? false;
}

function sorted(filters: readonly unknown[]): unknown[] {
  const text = (filter: unknown) => JSON.stringify(Object.entries(filter as object).toSorted());
  return filters.toSorted((a, b) => (text(a) < text(b) ? -1 : 1));
}
