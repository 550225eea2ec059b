import type { Logger } from '../logger.ts';
import { processWide } from '../process-wide.ts';
import type { AcceptedKey } from './check-key.ts';
import { canSend, checkHoneycombKey } from './check-key.ts';
import { describeKeyCheck } from './describe-key-check.ts';
import type { HoneycombKey } from './key-source.ts';

const accepted = processWide<AcceptedKey | undefined>('honeycomb 1', undefined);

/** The key of this process, once `sayHoneycombKey` has found that Honeycomb accepts it. */
export function acceptedHoneycombKey(): AcceptedKey | undefined {
  return accepted.value;
}

/**
 * Asks Honeycomb about the key of running telemetry, and logs in one line whether it works. Does not reject.
 *
 * @example
 * ```ts
 * export const telemetry = registerTelemetry();
 * void sayHoneycombKey(telemetry);
 * ```
 */
export async function sayHoneycombKey(telemetry: {
  readonly settings: { readonly disabled: boolean; readonly honeycombKey: HoneycombKey };
  readonly log: Logger;
}): Promise<void> {
  const { disabled, honeycombKey } = telemetry.settings;
  if (disabled) return;
  const check = await checkHoneycombKey(honeycombKey);
  if (check.kind === 'accepted') accepted.value = check;
  const isFine = check.kind === 'no-key' || canSend(check);
  telemetry.log[isFine ? 'info' : 'warn']({}, describeKeyCheck(check));
}
