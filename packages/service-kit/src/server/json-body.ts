import { isUtf8 } from 'node:buffer';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { problems } from '../errors.ts';

/** Makes JSON in UTF-8 the only body that is read. Other types are 415; bad UTF-8, bad JSON and `__proto__` are 400. */
export function readJsonBodies(app: FastifyInstance): void {
  const parseJson = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    function parseJsonBody(request, body: Buffer, done) {
      refuseEncodings(request);
      if (!isUtf8(body)) throw malformed('is not valid UTF-8');
      parseJson(request, body.toString('utf8'), (error, value) => {
        if (error) done(malformed(error.message));
        else done(null, value);
      });
    },
  );
}

function malformed(detail: string) {
  return problems.MALFORMED_JSON({ errors: [{ in: 'body', field: '', detail }] });
}

function refuseEncodings(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    throw unsupported('content-encoding', 'must be identity');
  const charset = /;\s*charset="?([^";\s]*)/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (charset !== undefined && !/^utf-?8$/i.test(charset))
    throw unsupported('content-type', 'must have charset=utf-8');
}

function unsupported(field: string, detail: string) {
  return problems.UNSUPPORTED_MEDIA_TYPE({ errors: [{ in: 'header', field, detail }] });
}
