import type { FastifyInstance } from 'fastify';
import { parseJson } from '../../shared/parse-json.ts';

/** Reads JSON bodies of the routes of `app` with integers in full, see parseJson. */
export function readExactJson(app: FastifyInstance): void {
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, parseJson(String(body)));
    } catch (error) {
      const message = `The body is not valid JSON: ${error instanceof Error ? error.message : error}`;
      done(Object.assign(new Error(message), { statusCode: 400 }), undefined);
    }
  });
}
