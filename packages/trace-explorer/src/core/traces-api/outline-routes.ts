import { once } from 'node:events';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import type { Problem as ProblemDetails } from '@tandem/service-kit/http';
import type { FastifyReply } from 'fastify';
import Type from 'typebox';
import { documented } from '../../http/documented.ts';
import { whileAwaited } from '../../http/while-awaited.ts';
import { settlesWithin } from '../../lib/node/settles-within.ts';
import { TaskQueue } from '../../lib/node/task-queue.ts';
import { strictObject } from '../../lib/strict-object.ts';
import { deadlineIn } from '../../lib/time/deadline.ts';
import { traceIdField } from '../../lib/trace-id.ts';
import { problems } from '../errors.ts';
import { toldInTurns } from '../problems/findings.ts';
import { turnsWithin } from '../store/read/turns-within.ts';
import type { SpanStore } from '../store/store.ts';
import { tooManyReaders } from '../store/store-error.ts';
import { describeUnknown } from '../traces/list/trace-filter.ts';
import { TraceParams } from '../traces/schemas.ts';
import { fieldValues, searchTrace, traceFields } from '../traces/tree/field-values.ts';
import type { TraceCache } from '../traces/tree/trace-cache.ts';
import type { TraceTree } from '../traces/tree/tree.ts';
import { outlineTrace, outlineWithFindings } from './outline.ts';

export interface OutlineRouteOptions {
  readonly store: SpanStore;
  readonly cache: TraceCache;
  /** Milliseconds that a large outline waits for its turn; default 15 s. */
  readonly waitMs?: number;
}

const WAIT_MS = 15_000;
/** Larger outlines are made and sent one at a time: an outline of 250,000 spans takes 100 MB until it is sent. */
const LARGE_SPANS = 10_000;
/** Milliseconds that a slow client may delay the next one. */
const SENDING_MS = 5_000;

const AwaitedQuery = strictObject({
  awaited: Type.Optional(
    Type.Boolean({
      description: 'true: a trace without a stored span is null instead of 404; it may still come',
    }),
  ),
});

/** Routes of the page's waterfall: the outline of a trace, one field of all its spans, a search. */
export const outlineRoutes: FastifyPluginAsyncTypebox<OutlineRouteOptions> = async (
  app,
  { store, cache, waitMs = WAIT_MS },
) => {
  const limitsOf = (reply: FastifyReply) => ({ ...whileAwaited(reply), short: true });
  const large = new TaskQueue(1);

  app.get(
    '/api/traces/:traceId/outline',
    documented(
      'traces',
      'A whole trace, column by column in depth-first order; times in nanoseconds',
      Type.Unknown(),
      { params: TraceParams, querystring: AwaitedQuery },
    ),
    async function showOutline({ params, query }, reply) {
      const traceId = traceIdField(params.traceId);
      const { signal } = limitsOf(reply);
      const answer = async () => {
        signal.throwIfAborted();
        const outline = await outlineWithFindings(store, traceId, await cache.tree(traceId), limitsOf(reply));
        // The outline is arrays of numbers: JSON.stringify writes them twice as fast as a serializer made from a schema.
        reply.type('application/json; charset=utf-8').send(JSON.stringify(outline));
      };
      // A reader that waits for its turn keeps no tree: the trees of twelve readers would take 3 GB.
      const { length } = (await cache.tree(traceId)).spans;
      if (length === 0 && query.awaited !== true) throw notStored(traceId);
      if (length === 0) reply.type('application/json').send('null');
      else if (length < LARGE_SPANS) await answer();
      else
        await large.take(
          async () => {
            await answer();
            await settlesWithin(once(reply.raw, 'close'), SENDING_MS);
          },
          { deadline: deadlineIn(waitMs), signal, late: tooManyReaders },
        );
      return reply;
    },
  );

  app.get(
    '/api/traces/:traceId/findings',
    documented(
      'traces',
      'What is wrong with a trace, of which the outline says nothing: it is large',
      Type.Unknown(),
      { params: TraceParams },
    ),
    async function listFindings({ params }, reply) {
      const options = limitsOf(reply);
      const { traceId, tree } = await find(params.traceId);
      const answer = async () => {
        const outline = await outlineTrace(store, traceId, tree, options);
        return { findings: await toldInTurns(outline, turnsWithin(options)) };
      };
      return large.take(answer, {
        deadline: deadlineIn(waitMs),
        signal: options.signal,
        late: tooManyReaders,
      });
    },
  );

  app.get(
    '/api/traces/:traceId/fields',
    documented('traces', 'The fields that spans of a trace have', Type.Unknown(), { params: TraceParams }),
    async function listTraceFields({ params }, reply) {
      const traceId = traceIdField(params.traceId);
      const fields = await traceFields(store, traceId, limitsOf(reply));
      if (fields.length === 0) throw notStored(traceId); // every span has its trace's id
      return { fields };
    },
  );

  app.get(
    '/api/traces/:traceId/values',
    documented('traces', "One field's value in every span of a trace", Type.Unknown(), {
      params: TraceParams,
      querystring: strictObject({ field: Type.String({ minLength: 1, maxLength: 255 }) }),
    }),
    async function listFieldValues({ params, query }, reply) {
      const field = store.fields().get(query.field);
      if (field === undefined) throw problems.UNKNOWN_FIELD({ detail: describeUnknown(query.field) });
      const { traceId, tree } = await find(params.traceId);
      return fieldValues(store, traceId, tree, field, limitsOf(reply));
    },
  );

  app.get(
    '/api/traces/:traceId/search',
    documented('traces', 'Indexes of the spans that have a text in any value', Type.Unknown(), {
      params: TraceParams,
      querystring: strictObject({ q: Type.String({ minLength: 1, maxLength: 500 }) }),
    }),
    async function searchOneTrace({ params, query }, reply) {
      const { traceId, tree } = await find(params.traceId);
      return { indexes: await searchTrace(store, traceId, tree, query.q, limitsOf(reply)) };
    },
  );

  async function find(given: string): Promise<{ traceId: string; tree: TraceTree }> {
    const traceId = traceIdField(given);
    const tree = await cache.tree(traceId);
    if (tree.spans.length === 0) throw notStored(traceId);
    return { traceId, tree };
  }
};

/** The problem for a trace without a stored span. */
export function notStored(traceId: string): ProblemDetails {
  return problems.TRACE_NOT_FOUND({ detail: `No span of ${traceId} is stored.` });
}
