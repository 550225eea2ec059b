import { isDeepStrictEqual } from 'node:util';
import type { FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { PROBLEM_JSON } from '@tandem/service-kit/http';

/** Name of a schema of problems that has no title. */
const PROBLEM = 'ProblemDetails';

/** A part of an OpenAPI document that is walked. */
interface Part {
  [name: string]: unknown;
}

/**
 * Options of @fastify/swagger that every document here has: an operation has an id, the licence is said, what has a
 * default is optional, and problem details, which every operation answers with, are one schema instead of a dozen per operation.
 */
export const openapiForm: Pick<FastifyDynamicSwaggerOptions, 'transform' | 'transformObject'> = {
  transform({ schema, url, route }) {
    const id = { operationId: operationId(route.handler.name, [route.method].flat()[0] ?? '', url) };
    return { url, schema: { ...id, ...(schema as object) } };
  },
  transformObject(document) {
    if (!('openapiObject' in document)) return document.swaggerObject;
    const { openapiObject } = document;
    const info = { ...openapiObject.info, license: { name: 'MIT', identifier: 'MIT' } };
    const problems: Part = {};
    for (const content of contentsOf(openapiObject.paths)) {
      const media = content[PROBLEM_JSON];
      if (!isPart(media) || !isPart(media.schema)) continue;
      const { title: name = PROBLEM } = media.schema as { title?: string };
      problems[name] ??= media.schema;
      if (isDeepStrictEqual(media.schema, problems[name]))
        media.schema = { $ref: `#/components/schemas/${name}` };
    }
    for (const operation of valuesOf(openapiObject.paths).flatMap(valuesOf)) unrequireDefaults(operation);
    const { components } = openapiObject;
    const schemas = { ...components?.schemas, ...problems };
    return { ...openapiObject, info, components: { ...components, schemas } } as typeof openapiObject;
  },
};

/** What has a default may be left out: typebox requires it, as handlers always get it. */
function unrequireDefaults({ parameters, requestBody }: Part): void {
  for (const parameter of valuesOf(parameters))
    if (isPart(parameter.schema) && 'default' in parameter.schema) parameter.required = false;
  const { content } = isPart(requestBody) ? requestBody : {};
  for (const media of valuesOf(content)) {
    const { schema } = media;
    if (!isPart(schema) || !isPart(schema.properties) || !Array.isArray(schema.required)) continue;
    const { properties, required } = schema;
    const hasDefault = (name: string) => isPart(properties[name]) && 'default' in properties[name];
    media.schema = { ...schema, required: required.filter((name) => !hasDefault(name)) };
  }
}

/** Names that handlers get of what wraps them. */
const WRAPPERS = ['', 'sseHandler'];

/** The handler's name; where it has none, method and path: `getApiActivitiesHome`. */
function operationId(handler: string, method: string, url: string): string {
  if (!WRAPPERS.includes(handler)) return handler;
  const words = url.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return [method.toLowerCase(), ...words.map((word) => word.charAt(0).toUpperCase() + word.slice(1))].join(
    '',
  );
}

/** Contents of all answers, by media type. */
function contentsOf(paths: object = {}): Part[] {
  return valuesOf(paths).flatMap((operations) =>
    valuesOf(operations).flatMap((operation) =>
      valuesOf(operation.responses).flatMap(({ content }) => (isPart(content) ? [content] : [])),
    ),
  );
}

function valuesOf(value: unknown): Part[] {
  return isPart(value) ? Object.values(value).filter(isPart) : [];
}

function isPart(value: unknown): value is Part {
  return typeof value === 'object' && value !== null;
}
