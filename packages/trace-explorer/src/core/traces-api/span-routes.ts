import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { documented } from '../../http/documented.ts';
import { traceIdField } from '../../lib/trace-id.ts';
import { problems } from '../errors.ts';
import type { SpanStore } from '../store/store.ts';
import { honeycombForm } from '../traces/forms/honeycomb-form.ts';
import { otlpForm } from '../traces/forms/otlp-form.ts';
import type { StoredSpan } from '../traces/read/stored-span.ts';
import { readStoredSpan } from '../traces/read/stored-span.ts';
import { formQuery, SpanParams } from '../traces/schemas.ts';

const forms: Readonly<Record<string, (stored: StoredSpan) => unknown>> = {
  otlp: otlpForm,
  honeycomb: honeycombForm,
  both: (stored) => ({ otlp: otlpForm(stored), honeycomb: honeycombForm(stored) }),
};

/** One span in the forms of other systems. */
export const spanRoutes: FastifyPluginAsyncTypebox<{ store: SpanStore }> = async (app, { store }) => {
  app.get(
    '/api/traces/:traceId/spans/:spanId',
    documented('traces', 'One span as OTLP JSON, or as Honeycomb fields', Type.Unknown(), {
      params: SpanParams,
      querystring: formQuery(Object.keys(forms)),
    }),
    async function showSpan({ params, query }) {
      const { stored, copies } = await readStoredSpan(
        store,
        traceIdField(params.traceId),
        params.spanId.toLowerCase(),
        query.copy,
        { short: true },
      );
      if (stored === undefined) {
        const counted = copies > 0 ? ` There are ${copies} with this id, counted from 0.` : '';
        throw problems.SPAN_NOT_FOUND({ detail: `No such span is stored.${counted}` });
      }
      return forms[query.form ?? 'otlp']?.(stored);
    },
  );
};
