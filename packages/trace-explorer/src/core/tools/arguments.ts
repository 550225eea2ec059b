import Type from 'typebox';
import { jsonOrNothing } from '../../lib/text/parse-json.ts';
import { ALL_DATASETS } from '../query/parse/all-datasets.ts';

/** The only environment of the explorer. */
export const ENVIRONMENT = 'local';

/** The argument of tools that ask the environment. */
export const environment = {
  environment_slug: Type.Optional(Type.Enum([ENVIRONMENT], { description: 'The only environment.' })),
};
/** The arguments of tools that ask a dataset. */
export const dataset = {
  ...environment,
  dataset_slug: Type.Optional(
    Type.String({
      default: ALL_DATASETS,
      description: `A service, by its slug or name; ${ALL_DATASETS} means all services, and is the default.`,
    }),
  ),
};
/** Digits of a trace's id. */
export const TRACE_DIGITS = [32, 16];
export const traceId = Type.String({ description: '32 hexadecimal digits; 16 for an id of 64 bits.' });
export const offset = Type.Optional(
  Type.Integer({ minimum: 0, maximum: 10_000_000, default: 0, description: 'How many items to skip.' }),
);

/** The argument for the number of items in an answer. */
export function limit(standard: number, maximum: number) {
  return Type.Optional(Type.Integer({ minimum: 1, maximum, default: standard }));
}

/** A text as a segment of an API path. */
export function segment(text: string | undefined): string {
  return encodeURIComponent(text ?? ALL_DATASETS);
}

/** The id of a trace or a span as a segment of an API path. @param digits that it may have @throws Error that names the argument */
export function idSegment(name: string, id: string, digits: readonly number[]): string {
  if (/^[0-9a-f]+$/i.test(id) && digits.includes(id.length)) return id;
  throw new Error(`${name}: must be ${digits.join(' or ')} hexadecimal digits`);
}

/** A part of a list, and how to ask for the next part. */
export function part<T>(list: readonly T[], { offset = 0, limit }: { offset?: number; limit: number }) {
  const end = offset + limit;
  return { items: list.slice(offset, end), ...(end < list.length && { next_offset: end }) };
}

/**
 * An object that an agent sent. Several agents send a nested object as its JSON text.
 * @param name of the argument
 * @throws Error that names the argument
 */
export function objectOf(value: unknown, name: string): object {
  const given = typeof value === 'string' ? jsonOrNothing(value) : value;
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return given;
  throw new Error(`${name}: must be a JSON object`);
}
