import { stringify } from 'yaml';

/** Whole classes that are kept, and one in how many of the rest. */
export interface Plan {
  readonly errors: boolean;
  readonly slowerMs?: number | undefined;
  /** Values of `http.route` with one rate each, the smallest rate first. */
  readonly groups: readonly { readonly rate: number; readonly routes: readonly string[] }[];
  /** Percent of all other traces. */
  readonly restPercent: number;
}

/** A Collector's configuration with tail_sampling for a plan. */
export function collectorFile({ errors, slowerMs, groups, restPercent }: Plan): string {
  const policies: object[] = [];
  if (errors)
    policies.push({ name: 'errors', type: 'status_code', status_code: { status_codes: ['ERROR'] } });
  if (slowerMs !== undefined)
    policies.push({
      name: 'slow',
      type: 'ottl_condition',
      ottl_condition: {
        error_mode: 'ignore',
        span: [`span.end_time_unix_nano - span.start_time_unix_nano > ${slowerMs * 1_000_000}`],
      },
    });
  for (const { rate, routes } of groups) {
    // The Collector reads a dollar as the begin of a variable.
    const values = routes.map((route) => route.replaceAll('$', '$$$$'));
    const own = {
      name: `routes-${rate}`,
      type: 'string_attribute',
      string_attribute: { key: 'http.route', values },
    };
    const chance = {
      name: 'chance',
      type: 'probabilistic',
      probabilistic: { sampling_percentage: 100 / rate },
    };
    if (rate === 1) policies.push(own);
    else policies.push({ name: `one-in-${rate}`, type: 'and', and: { and_sub_policy: [own, chance] } });
  }
  policies.push({ name: 'rest', type: 'probabilistic', probabilistic: { sampling_percentage: restPercent } });
  const tail_sampling = { decision_wait: '30s', num_traces: 50_000, policies };
  const head = [
    '# Part of a Collector’s configuration: processors.tail_sampling goes into the pipeline of traces.',
    '# With --feature-gates=processor.tailsamplingprocessor.usetracestate the kept spans say what they stand for.',
  ];
  return `${head.join('\n')}\n${stringify({ processors: { tail_sampling } }, { lineWidth: 0 })}`;
}

/** Refinery's rules for a plan. */
export function refineryFile({ errors, slowerMs, groups, restPercent }: Plan): string {
  const rule = (Name: string, SampleRate: number, condition: object) => ({
    Name,
    SampleRate,
    Conditions: [condition],
  });
  const Rules = [
    ...(errors
      ? [rule('errors', 1, { Field: 'status_code', Operator: '=', Value: 2, Datatype: 'int' })]
      : []),
    ...(slowerMs === undefined
      ? []
      : [rule('slow', 1, { Field: 'duration_ms', Operator: '>', Value: slowerMs, Datatype: 'float' })]),
    ...groups.map(({ rate, routes }) =>
      rule(`one in ${rate}`, rate, {
        Field: 'http.route',
        Operator: 'in',
        Value: routes,
        Datatype: 'string',
      }),
    ),
    { Name: 'rest', SampleRate: Math.max(1, Math.round(100 / restPercent)) },
  ];
  const Samplers = { __default__: { RulesBasedSampler: { Rules } } };
  return stringify({ RulesVersion: 2, Samplers }, { lineWidth: 0 });
}
