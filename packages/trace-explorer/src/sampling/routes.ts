import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { problems } from '../errors.ts';
import { documented } from '../http/documented.ts';
import { whileAwaited } from '../shared/deadline.ts';
import { strictObject } from '../shared/strict-object.ts';
import { nanosecondsOf } from '../shared/time-range.ts';
import type { SpanStore } from '../store/store.ts';
import { readTrials } from './read-trials.ts';
import { SamplingReport } from './report.ts';
import { RulesError } from './rules/section.ts';
import { tryRules } from './try-rules.ts';

/** Milliseconds for an answer, which reads all spans of the range. */
const TIMEOUT_MS = 30_000;
const BODY_LIMIT = 2 * 1024 * 1024;
const MOST_FILES = 10;

const moment = Type.Optional(
  Type.Number({ minimum: 0, maximum: 9e9, description: 'seconds since the epoch' }),
);

const SampleBody = strictObject({
  rules: Type.Array(
    strictObject({
      name: Type.String({ maxLength: 500 }),
      text: Type.String({
        description: 'a Collector’s configuration, Refinery’s rules, or variables of an SDK',
      }),
    }),
    { maxItems: MOST_FILES },
  ),
  environment: Type.Optional(Type.String({ description: 'Refinery’s; __default__ when left out' })),
  tracestate: Type.Optional(
    Type.Boolean({
      description: 'the Collector’s feature gate usetracestate: decisions by random bits, and thresholds',
    }),
  ),
  keep: Type.Optional(Type.Number({ minimum: 0, maximum: 100, description: 'percent of all traces' })),
  errors: Type.Optional(Type.Boolean({ description: 'keeps traces with an error' })),
  slower_ms: Type.Optional(
    Type.Integer({ minimum: 1, description: 'keeps traces with a span that takes longer' }),
  ),
  suggest: Type.Optional(Type.Number({ minimum: 1, description: 'events a month to find rules for' })),
  start_time: moment,
  end_time: moment,
});

/** `POST /api/sample`: what sampling rules would keep, cost and lose of the stored traffic. */
export const sampleRoutes: FastifyPluginAsyncTypebox<{ store: SpanStore }> = async (app, { store }) => {
  app.post(
    '/api/sample',
    {
      ...documented(
        'sampling',
        'What sampling rules would keep, cost and lose of the stored traffic',
        SamplingReport,
        {
          body: SampleBody,
        },
      ),
      bodyLimit: BODY_LIMIT,
    },
    async function trySampling({ body: { start_time = 0, end_time = 9e9, ...asked } }, reply) {
      const range = { start: nanosecondsOf(start_time), end: nanosecondsOf(end_time) };
      try {
        return await tryRules(store, { ...readTrials(asked), ...range }, whileAwaited(reply, TIMEOUT_MS));
      } catch (error) {
        throw error instanceof RulesError ? problems.BAD_RULES({ detail: error.message }) : error;
      }
    },
  );
};
