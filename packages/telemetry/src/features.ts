import { baggage } from './features/baggage/feature.ts';
import { exceptions } from './features/exceptions/feature.ts';
import { lifecycle } from './features/lifecycle/feature.ts';
import { lines } from './features/lines/feature.ts';
import { pools } from './features/pools/feature.ts';
import { profile } from './features/profile/feature.ts';
import { waits } from './features/waits/feature.ts';
import type { StartInstrumentation } from './instrumentation.ts';
import type { TelemetrySettings } from './process/settings/index.ts';
import type { SpanStep } from './road/spans/span-steps.ts';

/**
 * A feature of telemetry: a folder of `features`, a line of the list below, and its rows of variables. Its door loads little, and
 * the rest where a setting asks for it.
 */
interface Feature {
  /** What happens to each span; undefined where the settings ask for nothing. */
  step?(settings: TelemetrySettings): SpanStep | undefined;
  /** Makes spans or log records of its own. */
  readonly instrument?: StartInstrumentation;
  /** Listens to calls. @returns how to stop; undefined where the settings ask for nothing */
  listen?(settings: TelemetrySettings): (() => void) | undefined;
}

/** All features, in the order in which each span goes through their steps. */
export const features: readonly Feature[] = [lines, waits, pools, baggage, lifecycle, exceptions, profile];
