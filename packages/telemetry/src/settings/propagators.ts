import type { EnvReader } from '../environment/env-reader.ts';
import { quote } from '../environment/env-reader.ts';

/** What OTEL_PROPAGATORS may list. */
export const PROPAGATOR_NAMES = [
  'tracecontext',
  'baggage',
  'b3',
  'b3multi',
  'jaeger',
  'xray',
  'none',
] as const;

export type PropagatorName = (typeof PROPAGATOR_NAMES)[number];

const DEFAULT: readonly PropagatorName[] = ['tracecontext', 'baggage'];

/** OTEL_PROPAGATORS, each name once; those that nobody here knows are left out with a warning. */
export function readPropagators(env: EnvReader): readonly PropagatorName[] {
  const variable = 'OTEL_PROPAGATORS';
  const listed = [...new Set(env.list(variable)?.map((name) => name.toLowerCase()))];
  if (listed.length === 0) return DEFAULT;
  const known = PROPAGATOR_NAMES.filter((name) => listed.includes(name)).sort(
    (a, b) => listed.indexOf(a) - listed.indexOf(b),
  );
  const unknown = listed.filter((name) => !known.some((each) => each === name));
  if (unknown.length === 0) return known;
  const problem = `may list ${PROPAGATOR_NAMES.join(', ')}, not ${unknown.map(quote).join(' or ')}.`;
  if (known.length === 0) return env.refuse(variable, problem, DEFAULT);
  env.ignore(variable, problem, `${known} is used instead.`, true);
  return known;
}
