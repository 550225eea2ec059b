import type { TelemetrySettings } from '../../process/settings/index.ts';
import { baggageAttributes } from './baggage-attributes.ts';

/** TRACE_BAGGAGE_ATTRIBUTES: baggage that becomes attributes of every span of its trace. */
export const baggage = {
  step: ({ baggageAttributes: keys }: TelemetrySettings) =>
    keys.length === 0 ? undefined : baggageAttributes(keys),
};
