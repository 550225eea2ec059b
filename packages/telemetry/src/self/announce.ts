import type { DeliveryCounters } from '../delivery/index.ts';
import type { AcceptedKey } from '../honeycomb/index.ts';
import { canSend, checkHoneycombKey, describeKeyCheck, findKey } from '../honeycomb/index.ts';
import type { Logger } from '../logger.ts';
import type { DroppedBaggage } from '../propagation/index.ts';
import type { Environment, TelemetrySettings } from '../settings/index.ts';
import { describeDelivery } from './describe-delivery.ts';
import { describeSettings } from './describe-settings.ts';
import { findDoubleTracing } from './double-tracing.ts';

/** When it is looked again for what is loaded twice, in milliseconds: by then a service has loaded its modules. */
const LOOK_AGAIN_AFTER_MS = 2_000;

/**
 * One line with the settings in effect; what Honeycomb thinks of a key comes in a second one, when it has answered.
 *
 * @param onAccepted called when Honeycomb has accepted the key
 */
export function sayStart(
  settings: TelemetrySettings,
  environment: Environment,
  log: Logger,
  onAccepted: (key: AcceptedKey) => void,
): void {
  const { fields, message } = describeSettings(settings);
  const key = findKey(environment, undefined);
  if ((key.apiKey ?? '').trim() === '') {
    log.info(fields, `${message} ${describeKeyCheck({ kind: 'no-key' })}`);
    return;
  }
  log.info(fields, message);
  void checkHoneycombKey(key).then((check) => {
    if (check.kind === 'accepted') onAccepted(check);
    log[canSend(check) ? 'info' : 'warn']({}, describeKeyCheck(check));
  });
}

/** Looks now and when the service has loaded its modules; each thing is said once. Returns how to stop looking. */
export function warnOfDoubleTracing(log: Logger): () => void {
  const said = new Set<string>();
  const look = () => {
    for (const warning of findDoubleTracing()) {
      if (!said.has(warning)) log.warn({}, warning);
      said.add(warning);
    }
  };
  look();
  const timer = setTimeout(look, LOOK_AGAIN_AFTER_MS).unref();
  return () => clearTimeout(timer);
}

/** One line with all counters at the end; none of a process that had no spans. */
export function sayEnd(
  counters: DeliveryCounters,
  droppedBaggage: Readonly<DroppedBaggage>,
  log: Logger,
): void {
  if (counters.destinations.every(({ ended, recovered }) => ended + recovered === 0)) return;
  const { isLossless, fields, message } = describeDelivery(counters, droppedBaggage);
  log[isLossless ? 'info' : 'warn'](fields, message);
}
