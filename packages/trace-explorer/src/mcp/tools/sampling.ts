import Type from 'typebox';
import { hrefOf } from '../../places/place.ts';
import type { SamplingReport } from '../../sampling/report.ts';
import { SampleBody } from '../../sampling/report.ts';
import { limit } from '../arguments.ts';
import { tool } from '../tool.ts';

const { tracestate, keep, errors, slower_ms, suggest } = SampleBody.properties;

export const trySampling = tool({
  name: 'try_sampling',
  title: 'What sampling would cost',
  description:
    'What sampling rules would keep, cost and lose of the stored traffic: events a month, errors, causes, routes and users that would be lost, and how wrong counts, error rates and P95 become. Give a Collector’s configuration with tail_sampling, Refinery’s rules or OTEL_TRACES_SAMPLER=… as rules; or keep, errors and slower_ms; or suggest, a number of events a month, for which it writes rules of both products. Without any of these, a tenth and all errors are kept.',
  input: {
    rules: Type.Optional(Type.String({ description: 'The content of one rules file.' })),
    tracestate,
    keep,
    errors,
    slower_ms,
    suggest,
    time_range: Type.Optional(
      Type.Number({ minimum: 1, maximum: 9e9, description: 'Seconds up to now; all that is stored.' }),
    ),
    limit: limit(10, 50),
  },
  async run({ rules, time_range, limit = 10, ...asked }, { ask, page }) {
    const { keep, errors, slower_ms, suggest } = asked;
    const isAsked = [rules, keep, errors, slower_ms, suggest].some((each) => each !== undefined);
    const { trials, ...of } = await ask<SamplingReport>('/api/sample', {
      method: 'POST',
      body: {
        ...(isAsked ? asked : { ...asked, keep: 10, errors: true }),
        rules: rules === undefined ? [] : [{ name: 'rules', text: rules }],
        ...(time_range !== undefined && { start_time: Date.now() / 1000 - time_range }),
      },
    });
    return {
      link: page + hrefOf({ view: 'overview', params: {} }),
      ...of,
      trials: trials.map(({ rules: own, lost, figures, ...trial }) => ({
        ...trial,
        lost: {
          ...lost,
          causes: lost.causes.slice(0, limit),
          slow: lost.slow.slice(0, limit),
          routes: lost.routes.slice(0, limit),
        },
        rules: own.slice(0, limit),
        figures: figures.slice(0, limit),
      })),
    };
  },
});
