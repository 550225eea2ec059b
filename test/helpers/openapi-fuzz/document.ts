import { pathTemplateOf } from '@tandem/service-kit/testing';

/** The part of JSON Schema 2020-12 that is used here. */
export interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface DocumentedOperation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, object>> }>>;
}

export interface OpenapiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
}

/** One method of one path. */
export interface Operation extends DocumentedOperation {
  /** In lower case, as the document has it. */
  readonly method: string;
  readonly path: string;
}

/** All operations of a document, in its order. */
export function operationsOf({ paths }: OpenapiDocument): Operation[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ ...operation, method, path })),
  );
}

/** The operation that a request is for; undefined where the document has none. HEAD is answered as GET is. */
export function operationOf(
  { paths }: OpenapiDocument,
  method: string,
  target: string,
): Operation | undefined {
  const [pathname = ''] = target.split('?', 1);
  const path = pathTemplateOf(paths, pathname);
  const name = method === 'HEAD' ? 'get' : method.toLowerCase();
  const operation = path === undefined ? undefined : paths[path]?.[name];
  return path === undefined || operation === undefined ? undefined : { ...operation, method: name, path };
}
