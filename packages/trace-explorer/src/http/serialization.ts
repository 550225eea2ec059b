import { createRequire } from 'node:module';
import { ProblemDetails } from '@tandem/service-kit/http';
import type { FastifySerializerCompiler } from 'fastify';

const require = createRequire(import.meta.url);
const compiled = new WeakMap<object, (value: unknown) => string>();

/**
 * Compiles response schemas, each once per process: each route answers with problems, whose schema would be compiled for
 * each.
 */
export const compileSerializer: FastifySerializerCompiler<object> = ({ schema }) => {
  // Loaded with the first server: who makes none needs none of it.
  const fastJson: typeof import('fast-json-stringify') = require('fast-json-stringify');
  const known = compiled.get(schema) ?? fastJson(schema, { schema: { ProblemDetails } });
  compiled.set(schema, known);
  return known;
};
