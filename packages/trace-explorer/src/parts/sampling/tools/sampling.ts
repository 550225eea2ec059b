import Type from 'typebox';
import { definedParams, linkTo } from '../../../core/places/place.ts';
import { rangePlace } from '../../../core/places/shown-range.ts';
import { limit } from '../../../core/tools/arguments.ts';
import { tool } from '../../../core/tools/tool.ts';
import type { SamplingReport } from '../server/schemas.ts';
import { SampleBody } from '../server/schemas.ts';

const { environment, tracestate, keep, errors, slower_ms, suggest } = SampleBody.properties;

export const trySampling = tool({
  name: 'try_sampling',
  title: 'What sampling would cost',
  description:
    'What sampling rules would keep, cost and lose of the stored traffic: causes, errors, routes and users to lose, events a month with the least and most that chance allows, and how wrong counts, error rates and P95 become. Give a Collector’s configuration with tail_sampling, Refinery’s rules or OTEL_TRACES_SAMPLER=… as rules; or keep, errors and slower_ms; or suggest, a number of events a month, for which it writes rules of both products, line by line. Without any of these, a tenth and all errors are kept.',
  input: {
    rules: Type.Optional(Type.String({ description: 'The content of one rules file.' })),
    environment,
    tracestate,
    keep,
    errors,
    slower_ms,
    suggest,
    time_range: Type.Optional(
      Type.Number({
        minimum: 1,
        maximum: 9e9,
        description: 'Seconds before end_time; else all stored traces.',
      }),
    ),
    end_time: Type.Optional(Type.Number({ description: 'Seconds since the epoch; now.' })),
    limit: limit(10, 50),
  },
  async run({ rules, time_range, end_time, limit = 10, ...asked }, { ask, page }) {
    const { keep, errors, slower_ms, suggest } = asked;
    const isAsked = [rules, keep, errors, slower_ms, suggest].some((value) => value !== undefined);
    const start_time = time_range && Math.max(0, (end_time ?? Date.now() / 1000) - time_range);
    const { trials, suggestion, ...of } = await ask<SamplingReport>('/api/sample', {
      method: 'POST',
      body: {
        ...(isAsked ? asked : { keep: 10, errors: true, ...asked }),
        rules: rules === undefined ? [] : [{ name: 'rules', text: rules }],
        start_time,
        end_time,
      },
    });
    const range = start_time === undefined || end_time === undefined ? time_range : { start_time, end_time };
    const events = suggest === undefined ? undefined : String(suggest);
    return {
      link: linkTo(page, rangePlace('sampling', range, definedParams({ events }))),
      ...of,
      // A text of many lines would be cut.
      ...(suggestion && {
        suggestion: {
          ...suggestion,
          collector: suggestion.collector.split('\n'),
          refinery: suggestion.refinery.split('\n'),
        },
      }),
      trials: trials.map(({ rules: own, lost: { causes, ...lost }, figures, ...trial }) => ({
        ...trial,
        lost: {
          causes_total: causes.length,
          causes: causes.slice(0, limit),
          ...lost,
          slow: lost.slow.slice(0, limit),
          routes: lost.routes.slice(0, limit),
        },
        rules: own.slice(0, limit),
        figures: figures.slice(0, limit),
      })),
    };
  },
});
