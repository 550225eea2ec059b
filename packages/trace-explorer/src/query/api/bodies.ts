import type { FastifyInstance } from 'fastify';
import type { TSchema } from 'typebox';
import { problems } from '../../errors.ts';
import { parseJson } from '../../shared/parse-json.ts';
import type { QueryError } from '../parse/query-error.ts';
import { neutralValues } from '../parse/read-by-schema.ts';

/** What a key that is not known may have, see `Problems.object`. */
const ASKS_FOR_NOTHING = {
  description: 'What is not known here may ask for nothing.',
  anyOf: [
    { enum: [null, '', 0, false] },
    { type: 'array', maxItems: 0 },
    { type: 'object', maxProperties: 0 },
  ],
} as const;

interface Schema extends TSchema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: unknown;
  readonly description?: string;
  readonly default?: unknown;
}

/**
 * The schema of a body as its document has it, with the neutral values that `readBySchema` takes as if a part was left out.
 */
export function documentBody(schema: TSchema): TSchema {
  const { properties, required = [], items, ...rest }: Schema = schema;
  if (items !== undefined) return { ...rest, items: documentBody(items) };
  if (properties === undefined) return schema;
  const parts = Object.entries(properties).map(([name, part]) => {
    const documented = documentBody(part);
    return [name, required.includes(name) ? documented : orNeutral(documented, neutralValues(part))];
  });
  return {
    ...rest,
    ...(required.length > 0 && { required }),
    properties: Object.fromEntries(parts),
    additionalProperties: ASKS_FOR_NOTHING,
  };
}

/** A part that one of the values stands for leaving out. */
function orNeutral(part: TSchema, values: readonly unknown[]): TSchema {
  const { description = '', default: value, ...rest }: Schema = part;
  const names = values.map((each) => JSON.stringify(each)).join(' or ');
  return {
    description: `${description} ${names}: as if left out.`.trimStart(),
    ...(value !== undefined && { default: value }),
    anyOf: [rest, { enum: values }],
  };
}

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

/** The JSON of a parameter; undefined where it is left out. @throws problem VALIDATION_FAILED that names the field */
export function fromJson(text: string | undefined, field: string): unknown {
  if (text === undefined) return undefined;
  try {
    return parseJson(text);
  } catch {
    throw problems.VALIDATION_FAILED({ errors: [{ in: 'query', field, detail: 'must be JSON' }] });
  }
}

/** What is wrong with a query, in the form of the explorer's own routes; `where` the query was. */
export function asProblem(error: QueryError, where: 'query' | 'body'): Error {
  const errors = error.details.map(({ field, description }) => ({ in: where, field, detail: description }));
  if (error.status === 422) return problems.VALIDATION_FAILED({ errors });
  return problems.VALIDATION_FAILED({ errors: [{ in: where, field: 'dataset', detail: error.message }] });
}
