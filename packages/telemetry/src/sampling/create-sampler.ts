import type { Sampler } from '@opentelemetry/sdk-trace-base';
import { AlwaysOffSampler, AlwaysOnSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-base';
import { quote, SettingsError } from '../settings/env-reader.ts';
import { ConsistentSampler } from './consistent-sampler.ts';
import { ParentSampler } from './parent-sampler.ts';
import { RandomFlagSampler } from './random-flag-sampler.ts';
import { parseRates, probabilityOf } from './rates.ts';

/** What OTEL_TRACES_SAMPLER may be. */
export const SAMPLER_NAMES = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
  'consistent_probability',
  'parentbased_consistent_probability',
] as const;

/**
 * The sampler that OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG ask for. All of them set the random flag of traces
 * that start here.
 *
 * - `always_on`, `always_off`, `traceidratio` and their `parentbased_` forms are the specification's; the argument of
 *   the ratio is a probability from 0 to 1, 1 when unset.
 * - `consistent_probability` and `parentbased_consistent_probability` keep the same traces in every service, carry
 *   the threshold as `ot=th:…` and set `SampleRate`. Their argument takes rates for single routes too:
 *   `0.1;GET /api/activities/home=0.01;/api/activities/@:handle=1`.
 *
 * @throws SettingsError naming the variable, what it must be and what it was
 */
export function createSampler(name = 'parentbased_always_on', arg?: string): Sampler {
  const known = SAMPLER_NAMES.find((candidate) => candidate === name.trim().toLowerCase());
  if (known === undefined) {
    throw new SettingsError(
      'OTEL_TRACES_SAMPLER',
      `must be one of ${SAMPLER_NAMES.join(', ')}, not ${quote(name)}.`,
    );
  }
  if (known === 'consistent_probability') return consistent(arg, false);
  if (known === 'parentbased_consistent_probability') return consistent(arg, true);
  const kind = known.replace('parentbased_', '');
  const root =
    kind === 'traceidratio'
      ? new TraceIdRatioBasedSampler(readArgument(arg, probabilityOf))
      : kind === 'always_on'
        ? new AlwaysOnSampler()
        : new AlwaysOffSampler();
  const marked = new RandomFlagSampler(root);
  return known.startsWith('parentbased_') ? new ParentSampler(marked) : marked;
}

function consistent(arg: string | undefined, parentBased: boolean): Sampler {
  return new ConsistentSampler({ rates: readArgument(arg, parseRates), parentBased });
}

function readArgument<T>(arg: string | undefined, read: (text: string) => T): T {
  try {
    return read(arg?.trim() || '1');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SettingsError('OTEL_TRACES_SAMPLER_ARG', error.message);
  }
}
