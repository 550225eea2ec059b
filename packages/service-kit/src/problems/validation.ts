import type { ErrorObject, ValidateFunction } from 'ajv';
import { Ajv } from 'ajv';
import type { FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify';
import Type from 'typebox';
import type { FieldError, Problem } from './problems.ts';
import { problems } from './problems.ts';

/**
 * Validates by the schema of a route, which is compiled when it is first used: a server has many routes, of which most processes
 * use few. A test compiles all of them. Parameters arrive as text and are converted to numbers and lists. The types of a
 * JSON body must match exactly. A property that a schema does not name is refused, not dropped. The validator stops at the
 * first error, because collecting the errors of many wrong fields would be expensive.
 */
export const compileValidator: FastifySchemaCompiler<object> = ({ schema, httpPart }) => {
  let compiled: ValidateFunction | undefined;
  const validator: { (value: unknown): boolean; errors?: ErrorObject[] | null } = (value) => {
    // Ajv remembers what it has compiled, so each schema is compiled once per process.
    compiled ??= (httpPart === 'body' ? json : text).compile(schema);
    const isValid = compiled(value);
    validator.errors = compiled.errors ?? null;
    return isValid;
  };
  return validator;
};

/** Option of an object's schema: refuses properties that the schema does not name. */
export const CLOSED = { additionalProperties: false } as const;

/** Query schema of a route that takes no parameters. */
export const NoQuery = Type.Object({}, CLOSED);

/** The formats that schemas may name. */
const formats = {
  uuid: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  'plain-text': isPlainText,
  'date-time': true,
  uri: true,
} as const;

/** True for a text that every database and JSON parser takes: PostgreSQL refuses NUL, UTF-8 has no lone surrogates. */
function isPlainText(value: string): boolean {
  return value.isWellFormed() && !value.includes('\0');
}

// `verbose`: an error has its schema, whose `description` says in words what a `pattern` means. Schemas are our own, and a test
// checks them, so Ajv doesn't compile the schema of schemas for it at each start.
const unchecked = { validateSchema: false, meta: false } as const;
const options = {
  ...unchecked,
  useDefaults: true,
  allErrors: false,
  strict: true,
  verbose: true,
  formats,
} as const;
// Coercion turns a number of 400 digits into Infinity. With strictNumbers, `maximum` would not be checked for Infinity.
const text = new Ajv({ ...options, coerceTypes: 'array', strictNumbers: false });
const json = new Ajv({ ...options, coerceTypes: false });

const PARTS = { params: 'path', querystring: 'query', headers: 'header', body: 'body' } as const;

/** Turns the validator's errors into a problem that names the fields. */
export function validationProblem(errors: FastifySchemaValidationError[], part: string): Problem {
  const where = PARTS[part as keyof typeof PARTS] ?? 'body';
  return problems.VALIDATION_FAILED({
    errors: errors.map((error) => fieldError(error as ErrorObject, where)),
  });
}

function fieldError(error: ErrorObject, where: FieldError['in']): FieldError {
  const path = error.instancePath.slice(1);
  const at = (name: string) => ({ in: where, field: path === '' ? name : `${path}/${name}` });
  const here = (detail: string) => ({ in: where, field: path, detail });
  switch (error.keyword) {
    case 'required':
      return { ...at(error.params.missingProperty), detail: 'is required' };
    case 'additionalProperties':
      return { ...at(error.params.additionalProperty), detail: 'is not known here' };
    case 'enum':
      return here(`must be one of ${error.params.allowedValues.join(', ')}`);
    case 'format':
      return here(FORMAT_DETAILS[error.params.format] ?? `must be a ${error.params.format}`);
    case 'pattern':
      return here(`must be ${error.parentSchema?.description ?? `like ${error.params.pattern}`}`);
    default:
      return here(error.message ?? 'is not valid');
  }
}

const FORMAT_DETAILS: Readonly<Record<string, string>> = {
  uuid: 'must be a UUID in lower case',
  'plain-text': 'must not contain NUL characters or lone surrogates',
};
