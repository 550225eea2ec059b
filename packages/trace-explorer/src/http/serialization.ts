import { createRequire } from 'node:module';
import { ProblemDetails } from '@tandem/service-kit/http';
import type { FastifySerializerCompiler } from 'fastify';

const require = createRequire(import.meta.url);
const compiled = new WeakMap<object, (value: unknown) => string>();

/** Serializes by a response schema, which is compiled when it is first used: of many routes, most processes use few. */
export const compileSerializer: FastifySerializerCompiler<object> =
  ({ schema }) =>
  (value) =>
    serializerOf(schema)(value);

/** The schema as a function, compiled once per process, so that all routes share the one of their errors. */
export function serializerOf(schema: object): (value: unknown) => string {
  const known = compiled.get(schema);
  if (known) return known;
  // The first answer loads the library. A process without a server does not need it.
  const fastJson: typeof import('fast-json-stringify') = require('fast-json-stringify');
  const serializer: (value: unknown) => string = fastJson(schema, { schema: { ProblemDetails } });
  compiled.set(schema, serializer);
  return serializer;
}
