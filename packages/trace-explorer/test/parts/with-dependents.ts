import { nodeParts } from '../../src/parts.node.ts';

/** Every part. */
export const parts = nodeParts.map(({ part }) => part);

/** Names of the part and of all that need it, straight or by way of others. */
export function withDependents(name: string): ReadonlySet<string> {
  const left = new Set([name]);
  // The loop also reaches names that it adds to the Set.
  for (const each of left) for (const { name, needs } of parts) if (needs?.includes(each)) left.add(name);
  return left;
}
