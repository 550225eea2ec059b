import { pageSettings } from '../../../page/browser/settings.ts';

/** What this page reads of an OpenAPI document. The document is another program's, so nothing of it is sure to be there. */
export interface Description {
  readonly info?: { readonly title?: string };
  readonly paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components?: unknown;
}

export interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, Described>> };
  readonly responses?: Readonly<Record<string, { readonly links?: Readonly<Record<string, Link>> }>>;
}

export interface Described {
  readonly schema?: Schema;
  readonly example?: unknown;
  readonly examples?: Readonly<Record<string, Example>>;
}

export interface Parameter extends Described {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
}

export interface Example {
  readonly value?: unknown;
  readonly summary?: string;
  readonly description?: string;
}

/** What to request next, with values of the answer. */
export interface Link {
  readonly operationId?: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
}

export interface Schema {
  readonly $ref?: string;
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

/**
 * Reads what the API says of itself.
 * @throws Error with words for a person, where it says nothing
 */
export async function readDescription(signal: AbortSignal): Promise<Description> {
  const url = new URL('/documentation/json', pageSettings.apiUrl);
  // Without a header of our own, so that the browser need not ask first.
  const response = await fetch(url, { signal }).catch((error: unknown) => {
    throw signal.aborted ? error : new Error(NO_ANSWER);
  });
  if (!response.ok)
    throw new Error(`The API does not describe its routes: ${url} answered ${response.status}.`);
  const description: unknown = await response.json().catch(() => undefined);
  if (typeof Object(description).paths !== 'object')
    throw new Error(`The API does not describe its routes: ${url} is no OpenAPI document.`);
  return description as Description;
}

export const NO_ANSWER = `The API at ${pageSettings.apiUrl} did not answer this page.`;

/** A value that the description gives for a parameter or a body; undefined where it gives none. */
export function exampleOf({ example, examples, schema }: Described, description: Description): unknown {
  const [first] = Object.values(examples ?? {});
  return example ?? first?.value ?? (schema && exampleOfSchema(schema, description));
}

/** Levels of schemas within schemas. A schema may contain itself. */
const MAX_DEPTH = 8;

function exampleOfSchema(schema: Schema, description: Description, depth = 0): unknown {
  if (depth > MAX_DEPTH) return undefined;
  if (schema.$ref !== undefined) {
    const named = at(description, schema.$ref.replace(/^#/, ''));
    return named === undefined ? undefined : exampleOfSchema(named as Schema, description, depth + 1);
  }
  const given = schema.example ?? schema.examples?.[0] ?? schema.default ?? schema.const ?? schema.enum?.[0];
  if (given !== undefined || schema.properties === undefined) return given;
  const entries = (schema.required ?? []).map((name): [string, unknown] => {
    const property = schema.properties?.[name];
    return [name, property && exampleOfSchema(property, description, depth + 1)];
  });
  return entries.some(([, value]) => value === undefined) ? undefined : Object.fromEntries(entries);
}

/** What a JSON pointer (RFC 6901) leads to; undefined for nothing. */
export function at(root: unknown, pointer: string): unknown {
  const steps = pointer.split('/').slice(1);
  return steps.reduce<unknown>((value, step) => {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    return Object.hasOwn(Object(value), name) ? Object(value)[name] : undefined;
  }, root);
}
