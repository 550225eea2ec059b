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
  const policy = (name: string, type: string, settings: object) => ({ name, type, [type]: settings });
  const chance = (name: string, sampling_percentage: number) =>
    policy(name, 'probabilistic', { sampling_percentage });
  const slow = (ms: number) => `span.end_time_unix_nano - span.start_time_unix_nano > ${ms * 1_000_000}`;
  const policies = [
    ...(errors ? [policy('errors', 'status_code', { status_codes: ['ERROR'] })] : []),
    ...(slowerMs === undefined
      ? []
      : [policy('slow', 'ottl_condition', { error_mode: 'ignore', span: [slow(slowerMs)] })]),
    ...groups.map(({ rate, routes }) => {
      // The Collector reads a dollar as the begin of a variable.
      const values = routes.map((route) => route.replaceAll('$', '$$$$'));
      const own = policy(`routes-${rate}`, 'string_attribute', { key: 'http.route', values });
      if (rate === 1) return own;
      return policy(`one-in-${rate}`, 'and', { and_sub_policy: [own, chance('chance', 100 / rate)] });
    }),
    chance('rest', restPercent),
  ];
  const tail_sampling = { decision_wait: '30s', num_traces: 50_000, policies };
  const head = [
    '# Part of a Collector’s configuration: processors.tail_sampling goes into the pipeline of traces.',
    '# With --feature-gates=processor.tailsamplingprocessor.usetracestate the kept spans say what they stand for.',
  ];
  return `${head.join('\n')}\n${stringify({ processors: { tail_sampling } }, { lineWidth: 0 })}`;
}

/** Refinery's rules for a plan. */
export function refineryFile({ errors, slowerMs, groups, restPercent }: Plan): string {
  const rule = (Name: string, SampleRate: number, of: readonly [string, string, unknown, string]) => {
    const [Field, Operator, Value, Datatype] = of;
    return { Name, SampleRate, Conditions: [{ Field, Operator, Value, Datatype }] };
  };
  const Rules = [
    ...(errors ? [rule('errors', 1, ['status_code', '=', 2, 'int'])] : []),
    ...(slowerMs === undefined ? [] : [rule('slow', 1, ['duration_ms', '>', slowerMs, 'float'])]),
    ...groups.map(({ rate, routes }) => rule(`one in ${rate}`, rate, ['http.route', 'in', routes, 'string'])),
    { Name: 'rest', SampleRate: Math.max(1, Math.round(100 / restPercent)) },
  ];
  const Samplers = { __default__: { RulesBasedSampler: { Rules } } };
  return stringify({ RulesVersion: 2, Samplers }, { lineWidth: 0 });
}
