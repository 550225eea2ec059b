import type { Logger } from '../logger.ts';
import { setAcceptedHoneycombKey } from './accepted-key.ts';
import { canSend, checkHoneycombKey } from './check-key.ts';
import { describeKeyCheck } from './describe-key-check.ts';
import type { HoneycombKey } from './key-source.ts';

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
  if (check.kind === 'accepted') setAcceptedHoneycombKey(check);
  const isFine = check.kind === 'no-key' || canSend(check);
  telemetry.log[isFine ? 'info' : 'warn']({}, describeKeyCheck(check));
}
