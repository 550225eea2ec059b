import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { defineProblems } from '@tandem/service-kit/http';
import type { SpanStore } from '../../../core/store/store.ts';
import { documented } from '../../../http/documented.ts';
import { whileAwaited } from '../../../http/while-awaited.ts';
import { nanosecondsOf } from '../../../lib/time/time-range.ts';
import { node } from '../part.node.ts';
import { RulesError } from './rules/section.ts';
import { SampleBody, SamplingReport } from './schemas.ts';
import { tryRules } from './try-rules.ts';

const own = defineProblems(node.problems);

/** Milliseconds for an answer, which reads all spans of the range. */
const TIMEOUT_MS = 30_000;
const BODY_LIMIT = 2 * 1024 * 1024;

/** `POST /api/sample`: tries sampling rules on the stored traffic. */
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
        return await tryRules(store, asked, range, whileAwaited(reply, TIMEOUT_MS));
      } catch (error) {
        throw error instanceof RulesError ? own.BAD_RULES({ detail: error.message }) : error;
      }
    },
  );
};
