import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { documented } from '../../../http/documented.ts';
import { problems } from '../../../http/errors.ts';
import { traceIdField } from '../../../lib/trace-id.ts';
import type { SpanStore } from '../../store/store.ts';
import { honeycombForm } from '../forms/honeycomb-form.ts';
import { otlpForm } from '../forms/otlp-form.ts';
import type { StoredSpan } from '../read/stored-span.ts';
import { readStoredSpan } from '../read/stored-span.ts';
import { formQuery, SpanParams } from './schemas.ts';

/** A form in which another system shows a span. */
export interface SpanForm {
  /** What it is, as the API's description names it. */
  readonly name: string;
  load(): Promise<(stored: StoredSpan, store: SpanStore) => unknown>;
}

declare module '../../door/node.ts' {
  interface NodePart {
    /** Forms in which other systems show a span, by the value of `form`. */
    readonly spanForms?: Readonly<Record<string, SpanForm>>;
  }
}

const forms: Readonly<Record<string, (stored: StoredSpan) => unknown>> = {
  otlp: otlpForm,
  honeycomb: honeycombForm,
  both: (stored) => ({ otlp: otlpForm(stored), honeycomb: honeycombForm(stored) }),
};

/** One span in the forms of other systems. @param others forms of the parts, by the value of `form` */
export const spanRoutes: FastifyPluginAsyncTypebox<{
  store: SpanStore;
  others: Readonly<Record<string, SpanForm>>;
}> = async (app, { store, others }) => {
  const names = ['OTLP JSON', 'Honeycomb fields', ...Object.values(others).map(({ name }) => name)];
  app.get(
    '/api/traces/:traceId/spans/:spanId',
    documented(
      'traces',
      `One span as ${names.slice(0, -1).join(', as ')}, or as ${names.at(-1)}`,
      Type.Unknown(),
      { params: SpanParams, querystring: formQuery([...Object.keys(forms), ...Object.keys(others)]) },
    ),
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
      const { form = 'otlp' } = query;
      const show = forms[form] ?? (await others[form]?.load());
      return show?.(stored, store);
    },
  );
};
