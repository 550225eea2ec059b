import {
  ATTR_EXCEPTION_MESSAGE,
  ATTR_EXCEPTION_STACKTRACE,
  ATTR_EXCEPTION_TYPE,
} from '@opentelemetry/semantic-conventions';

/** What pino's serializer writes of an error, and the attribute that it is by the conventions for exceptions. */
const EXCEPTION_FIELDS = [
  ['type', ATTR_EXCEPTION_TYPE],
  ['message', ATTR_EXCEPTION_MESSAGE],
  ['stack', ATTR_EXCEPTION_STACKTRACE],
] as const;

/** The fields of a line, its serialized error as `exception.*`; what else the error says stays under its own key. */
export function exceptionFields(
  fields: Readonly<Record<string, unknown>>,
  errorKey: string,
): Readonly<Record<string, unknown>> {
  const error = fields[errorKey];
  if (typeof error !== 'object' || error === null || Array.isArray(error)) return fields;
  const rest: Record<string, unknown> = { ...error };
  const attributes: Record<string, unknown> = { ...fields };
  for (const [name, attribute] of EXCEPTION_FIELDS) {
    if (typeof rest[name] !== 'string') continue;
    attributes[attribute] = rest[name];
    delete rest[name];
  }
  if (Object.keys(rest).length === 0) delete attributes[errorKey];
  else attributes[errorKey] = rest;
  return attributes;
}
