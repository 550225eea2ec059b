import { Readable } from 'node:stream';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import Type from 'typebox';
import { documented } from '../../http/documented.ts';
import { problems } from '../errors.ts';
import type { Intake } from '../receiver/intake.ts';
import { incomingBody } from '../receiver/otlp-receiver.ts';
import type { SpanStore } from '../store/store.ts';
import { demoDocument } from './demo-document.ts';
import { Imported, importTraces } from './import-traces.ts';

const MIX = 'takes pulled traces also where the store has other traffic, with which their figures mix';

/** Import of whole traces as OTLP JSON, and a demo. */
export const fileRoutes: FastifyPluginAsyncTypebox<{ store: SpanStore; intake: Intake }> = async (
  app,
  { store, intake },
) => {
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

  const importing: FastifyPluginAsyncTypebox = async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('application/json', (_request, payload, done) => done(null, payload));
    scope.post(
      '/api/import',
      documented(
        'traces',
        'Stores the spans and log records of an OTLP JSON document, such as an exported trace',
        Imported,
        { querystring: Type.Object({ mix: Type.Optional(Type.Boolean({ description: MIX })) }) },
      ),
      async function importDocument(request) {
        const body = incomingBody(request);
        if (body.payload === undefined)
          throw problems.UNDECODABLE({ detail: 'Send OTLP JSON as application/json.' });
        return importTraces(store, intake, body, request.query.mix);
      },
    );
  };
  await app.register(importing);
};
