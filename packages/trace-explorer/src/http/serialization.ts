import { createRequire } from 'node:module';
import type { FastifySerializerCompiler } from 'fastify';

const require = createRequire(import.meta.url);
const compiled = new WeakMap<object, (value: unknown) => string>();

/**
 * Compiles response schemas, each once per process: the schema of problems is that of a dozen statuses of each route,
 * which was most of the time that it took to start a server.
 */
export const compileSerializer: FastifySerializerCompiler<object> = ({ schema }) => {
  // Loaded with the first server: who makes none needs none of it.
  const fastJson: typeof import('fast-json-stringify') = require('fast-json-stringify');
  const known = compiled.get(schema) ?? fastJson(schema);
  compiled.set(schema, known);
  return known;
};
