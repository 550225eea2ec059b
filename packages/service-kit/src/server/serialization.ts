import fastJson from 'fast-json-stringify';
import type { FastifySerializerCompiler } from 'fastify';

const compiled = new WeakMap<object, (value: unknown) => string>();

/**
 * Compiles response schemas, each once per process: the schema of problems is that of a dozen statuses of each route,
 * which was most of the time that it took to start a server.
 */
export const compileSerializer: FastifySerializerCompiler<object> = ({ schema }) => {
  const known = compiled.get(schema) ?? fastJson(schema);
  compiled.set(schema, known);
  return known;
};
