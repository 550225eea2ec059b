import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { demoDocument } from '../../../parts/files/server/demo-document.ts';
import { Imported, importTraces } from '../../../parts/files/server/import-traces.ts';
import { xraySegment } from '../../../parts/xray/server/xray/segment.ts';
import { problems } from '../../errors.ts';
import { documented } from '../../http/documented.ts';
import type { Intake } from '../../receiver/intake.ts';
import { incomingBody } from '../../receiver/otlp-receiver.ts';
import { traceIdField } from '../../shared/trace-id.ts';
import type { SpanStore } from '../../store/store.ts';
import { honeycombForm } from '../forms/honeycomb-form.ts';
import { otlpForm } from '../forms/otlp-form.ts';
import { readLogExceptions } from '../read/log-exceptions.ts';
import type { StoredSpan } from '../read/stored-span.ts';
import { readStoredSpan } from '../read/stored-span.ts';
import { FormQuery, SpanParams } from './schemas.ts';

const forms = {
  otlp: otlpForm,
  honeycomb: honeycombForm,
  both: (stored: StoredSpan) => ({ otlp: otlpForm(stored), honeycomb: honeycombForm(stored) }),
  xray: ({ resource, span }: StoredSpan) => xraySegment(span, resource),
};

/** One span in the forms of other systems; import of whole traces as OTLP JSON; a demo. */
export const spanRoutes: FastifyPluginAsyncTypebox<{ store: SpanStore; intake: Intake }> = async (
  app,
  { store, intake },
) => {
  app.get(
    '/api/traces/:traceId/spans/:spanId',
    documented(
      'traces',
      'One span as OTLP JSON, as Honeycomb fields, or as an AWS X-Ray segment document',
      Type.Unknown(),
      { params: SpanParams, querystring: FormQuery },
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
      if (query.form === 'xray' && !stored.span.events.some(({ name }) => name === 'exception')) {
        const logged = await readLogExceptions(store, stored.span, { short: true });
        return xraySegment({ ...stored.span, events: [...stored.span.events, ...logged] }, stored.resource);
      }
      return forms[(query.form ?? 'otlp') as keyof typeof forms](stored);
    },
  );

  let isFilling = false;
  app.post(
    '/api/demo-data',
    documented(
      'traces',
      'Stores a few requests of a demo in an empty store. The explorer does not send them on',
      Imported,
    ),
    async function storeDemo() {
      const detail =
        'The store has data, with which demo data would mix. Demo data goes into an empty store.';
      if (isFilling) throw problems.STORE_NOT_EMPTY({ detail });
      isFilling = true;
      try {
        const { rows } = await store.read('SELECT 1 FROM spans LIMIT 1');
        if (rows.length > 0) throw problems.STORE_NOT_EMPTY({ detail });
        const payload = Readable.from([Buffer.from(JSON.stringify(demoDocument(Date.now())))]);
        return await importTraces(store, intake, { payload });
      } finally {
        isFilling = false;
      }
    },
  );

  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', (_request, payload, done) => done(null, payload));
    scope.post(
      '/api/import',
      documented(
        'traces',
        'Stores the spans and log records of an OTLP JSON document, such as an exported trace',
        Imported,
      ),
      async function importDocument(request) {
        const body = incomingBody(request);
        if (body.payload === undefined)
          throw problems.UNDECODABLE({ detail: 'Send OTLP JSON as application/json.' });
        return importTraces(store, intake, body);
      },
    );
  });
};
