import { subscribe } from 'node:diagnostics_channel';
import { Ajv } from 'ajv';
import type { FastifyInstance } from 'fastify';
import t from 'tap';
import { compileValidator } from '../../packages/service-kit/src/http.ts';
import { compileSerializer, serializerOf } from '../../packages/trace-explorer/src/http/serialization.ts';
import { openapiDocuments } from '../../scripts/lib/openapi-documents.ts';

const REQUEST_PARTS = ['params', 'querystring', 'body'] as const;

/** A schema of a route, and where it is. */
interface Used {
  readonly where: string;
  readonly schema: object;
  /** Undefined: of an answer. */
  readonly httpPart?: (typeof REQUEST_PARTS)[number];
  readonly isSerialized?: boolean;
}

const used: Used[] = [];
subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { fastify: FastifyInstance };
  fastify.addHook('onRoute', function collect({ method, url, schema = {} }) {
    for (const httpPart of REQUEST_PARTS) {
      const part = schema[httpPart];
      if (part) used.push({ where: `${method} ${url} ${httpPart}`, schema: part, httpPart });
    }
    // Honeycomb's API writes JSON without a schema, and the services compile at their start.
    const isSerialized = this.serializerCompiler === compileSerializer;
    for (const [status, answer] of Object.entries(Object(schema.response))) {
      const { content } = answer as { content?: Readonly<Record<string, { readonly schema: object }>> };
      const forms = content ? Object.values(content).map((form) => form.schema) : [answer as object];
      for (const form of forms)
        used.push({ where: `${method} ${url} ${status}`, schema: form, isSerialized });
    }
  });
});
await openapiDocuments();

// A server compiles a schema when it first needs it, and does not check it then.
t.test('every schema of a route is one by the schema of schemas, and compiles', (t) => {
  const ajv = new Ajv({ strict: true });
  t.same(
    REQUEST_PARTS.filter((part) => !used.some(({ httpPart }) => httpPart === part)),
    [],
  );
  t.ok(
    used.some(({ isSerialized }) => isSerialized),
    'and answers',
  );
  const wrong = used.flatMap(({ where, schema, httpPart, isSerialized }) => {
    if (!ajv.validateSchema(schema)) return `${where}: ${ajv.errorsText()}`;
    try {
      if (httpPart) compileValidator({ schema, httpPart, method: 'GET', url: '/' })({});
      if (isSerialized) serializerOf(schema);
      return [];
    } catch (error) {
      return `${where}: ${error}`;
    }
  });
  t.same(wrong, []);
  t.end();
});
