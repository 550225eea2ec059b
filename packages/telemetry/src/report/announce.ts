import type { DroppedBaggage } from '../context/baggage.ts';
import { describeOldNode } from '../environment/old-node.ts';
import type { Logger } from '../logger.ts';
import type { TelemetrySettings } from '../settings/index.ts';
import type { SignalCounters } from './describe-delivery.ts';
import { describeDelivery } from './describe-delivery.ts';
import { describeSettings } from './describe-settings.ts';
import { findDoubleTracing } from './double-tracing.ts';

/** When packages that are loaded twice are looked for again, in milliseconds: by then a service has loaded its modules. */
const LOOK_AGAIN_AFTER_MS = 2_000;

/** One line with the settings in effect. */
export function sayStart(settings: TelemetrySettings, log: Logger): void {
  const oldNode = describeOldNode();
  if (oldNode !== undefined) log.warn({}, oldNode);
  const { fields, message } = describeSettings(settings);
  log.info(fields, message);
}

/** One line that another tracer provider was there before. */
export function sayReplaced(log: Logger): void {
  log.warn(
    {},
    'Another tracer provider was registered before this telemetry, which takes its place: spans are made twice ' +
      'where both instrument. Start one of the two only.',
  );
}

/** Warns of what is loaded twice, now and when the service has loaded its modules, of each thing once. Returns how to stop. */
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

/** One line with all counters at the end; no line when the process had neither spans nor lines to send. */
export function sayEnd(
  counters: SignalCounters,
  droppedBaggage: Readonly<DroppedBaggage>,
  log: Logger,
): void {
  const all = [...counters.spans.destinations, ...counters.logs.destinations];
  if (all.every(({ ended, recovered }) => ended + recovered === 0)) return;
  const { isLossless, fields, message } = describeDelivery(counters, droppedBaggage);
  log[isLossless ? 'info' : 'warn'](fields, message);
}
