import type { TextMapPropagator } from '@opentelemetry/api';
import { CompositePropagator } from '@opentelemetry/core';
import { AWSXRayPropagator } from '@opentelemetry/propagator-aws-xray';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';
import { quote, SettingsError } from '../settings/env-reader.ts';
import { BaggagePropagator } from './baggage.ts';
import type { DroppedBaggage } from './baggage-header.ts';
import { TraceContextPropagator } from './trace-context.ts';
import { VendorPropagator } from './vendor-propagator.ts';

/** What OTEL_PROPAGATORS may list. */
export const PROPAGATOR_NAMES = ['tracecontext', 'baggage', 'b3', 'b3multi', 'xray', 'none'] as const;

/** The propagators of a process as one, and what its baggage lost. */
export interface Propagator extends TextMapPropagator {
  /** Baggage members that were not carried since the start, by reason. */
  readonly droppedBaggage: Readonly<DroppedBaggage>;
}

/**
 * The propagators that OTEL_PROPAGATORS names, in its order: each of them writes its headers, and of several parents
 * in a request the one read last counts. Duplicates are one; `none` adds nothing.
 *
 * @throws SettingsError naming OTEL_PROPAGATORS and what it may list
 */
export function createPropagator(names: readonly string[]): Propagator {
  const baggage = new BaggagePropagator();
  const propagators: TextMapPropagator[] = [];
  for (const name of new Set(names.map((name) => name.trim().toLowerCase()))) {
    const propagator = byName(name, baggage);
    if (propagator) propagators.push(propagator);
  }
  return new ConfiguredPropagator(propagators, baggage);
}

function byName(name: string, baggage: BaggagePropagator): TextMapPropagator | undefined {
  switch (name as (typeof PROPAGATOR_NAMES)[number]) {
    case 'tracecontext':
      return new TraceContextPropagator();
    case 'baggage':
      return baggage;
    case 'b3':
      return new VendorPropagator(new B3Propagator({ injectEncoding: B3InjectEncoding.SINGLE_HEADER }));
    case 'b3multi':
      return new VendorPropagator(new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }));
    case 'xray':
      return new VendorPropagator(new AWSXRayPropagator());
    case 'none':
      return undefined;
    default:
      throw new SettingsError(
        'OTEL_PROPAGATORS',
        `may list ${PROPAGATOR_NAMES.join(', ')}, not ${quote(name)}.`,
      );
  }
}

class ConfiguredPropagator extends CompositePropagator implements Propagator {
  readonly droppedBaggage: Readonly<DroppedBaggage>;

  constructor(propagators: TextMapPropagator[], baggage: BaggagePropagator) {
    super({ propagators });
    this.droppedBaggage = baggage.dropped;
  }
}
