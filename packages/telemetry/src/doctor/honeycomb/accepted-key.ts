import { processWide } from '../../api/process-wide.ts';
import type { AcceptedKey } from './check-key.ts';

export const accepted = processWide<AcceptedKey | undefined>('honeycomb 1', undefined);

/** The key of this process, once Honeycomb has accepted the key in `logHoneycombKeyCheck`. */
export function acceptedHoneycombKey(): AcceptedKey | undefined {
  return accepted.value;
}
