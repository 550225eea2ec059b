import { processWide } from '../../../common/process-wide.ts';
import type { Logger } from '../../../road/delivery/logger.ts';
import type { AcceptedKey } from './check-key.ts';
import { canSend, checkHoneycombKey } from './check-key.ts';
import { describeKeyCheck } from './describe-key-check.ts';
import { findKey } from './key-source.ts';

/** A service that starts on a busy machine reads its answer late, and nobody waits for this line. */
const TIMEOUT_MS = 60_000;

const accepted = processWide<AcceptedKey | undefined>('honeycomb 1', undefined);

/** The key of this process, once Honeycomb has accepted the key in `logHoneycombKeyCheck`. */
export function acceptedHoneycombKey(): AcceptedKey | undefined {
  return accepted.value;
}

/** Asks Honeycomb about the key of an environment. One log line says whether the key works. Does not reject. */
export async function logHoneycombKeyCheck(
  { settings, log }: { readonly settings: { readonly disabled: boolean }; readonly log: Logger },
  environment: NodeJS.Dict<string> = process.env,
): Promise<void> {
  if (settings.disabled) return;
  try {
    const check = await checkHoneycombKey({ ...findKey(environment), timeoutMs: TIMEOUT_MS });
    if (check.kind === 'accepted') accepted.value = check;
    const isFine = check.kind === 'no-key' || canSend(check);
    log[isFine ? 'info' : 'warn']({}, describeKeyCheck(check));
  } catch (error) {
    log.warn({}, `Honeycomb: not asked. ${error instanceof Error ? error.message : error}`);
  }
}
