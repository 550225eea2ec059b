import { processWide } from '../process-wide.ts';
import type { AcceptedKey } from './check-key.ts';

const accepted = processWide<AcceptedKey | undefined>('honeycomb 1', undefined);

/** The key of this process, once `sayHoneycombKey` has found that Honeycomb accepts it. */
export function acceptedHoneycombKey(): AcceptedKey | undefined {
  return accepted.value;
}

/** Called by `sayHoneycombKey`. */
export function setAcceptedHoneycombKey(key: AcceptedKey): void {
  accepted.value = key;
}
