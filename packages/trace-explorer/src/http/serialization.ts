import { createRequire } from 'node:module';
import { ProblemDetails } from '@tandem/service-kit/http';
import type { FastifySerializerCompiler } from 'fastify';

const require = createRequire(import.meta.url);
const compiled = new WeakMap<object, (value: unknown) => string>();

/** Compiles each response schema once per process, so that all routes share the compiled schema of problems. */
export const compileSerializer: FastifySerializerCompiler<object> = ({ schema }) => {
  // The first server loads the library. A process without a server does not need it.
  const fastJson: typeof import('fast-json-stringify') = require('fast-json-stringify');
  const known = compiled.get(schema) ?? fastJson(schema, { schema: { ProblemDetails } });
  compiled.set(schema, known);
  return known;
};
