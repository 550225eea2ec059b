import { createRequire } from 'node:module';
import { ProblemDetails } from '@tandem/service-kit/http';
import type { FastifySerializerCompiler } from 'fastify';

const require = createRequire(import.meta.url);
const compiled = new WeakMap<object, (value: unknown) => string>();

/**
 * Compiles response schemas, each once per process. All routes answer problems, whose schema would otherwise be compiled for
 * each route.
 */
export const compileSerializer: FastifySerializerCompiler<object> = ({ schema }) => {
  // The first server loads the library. A process without a server does not need it.
  const fastJson: typeof import('fast-json-stringify') = require('fast-json-stringify');
  const known = compiled.get(schema) ?? fastJson(schema, { schema: { ProblemDetails } });
  compiled.set(schema, known);
  return known;
};
