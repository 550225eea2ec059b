import type { Described, Description, Link, Operation } from './description.ts';
import { at, exampleOf } from './description.ts';
import type { TracedRequest } from './traced-fetch.ts';

/** A request that the API describes with a value for all that it requires. */
export interface Offer {
  readonly key: string;
  readonly title: string;
  readonly request: TracedRequest;
  /** Whether the path has a value in it, which is no part of the route. */
  readonly isOfOne: boolean;
  /** Whether requests follow from its answer, by the description's links. */
  readonly hasNext: boolean;
  /** The requests that follow from an answer. */
  readonly next: (answer: unknown) => readonly TracedRequest[];
}

/** A fault that a request may ask for. */
export interface OfferedFault {
  readonly key: string;
  readonly title: string;
  /** As the request asks for it: `user-lookup:delay=400`. */
  readonly value: string;
  readonly description: string;
}

/** The header whose examples are the faults. A page of another origin asks by the baggage entry of the same name. */
export const FAULT = 'tandem.fault';

/** What a page of another origin may send without more rights than the services give. */
const METHODS = ['get', 'post'] as const;

/** All requests that the API describes well enough to send them, in its order. Health checks are not below /api. */
export function offersOf(description: Description): readonly Offer[] {
  return operationsOf(description).flatMap(({ path, method, operation }) => {
    const request = requestOf(description, path, method, operation);
    if (request === undefined) return [];
    const { operationId, summary } = operation;
    const links = Object.values(operation.responses ?? {}).flatMap((each) => Object.values(each.links ?? {}));
    return {
      key: operationId ?? `${method} ${path}`,
      title: summary ?? `${request.method} ${path}`,
      request,
      isOfOne: path.includes('{'),
      hasNext: links.length > 0,
      next: (answer) => links.flatMap((link) => linkedRequest(description, link, answer) ?? []),
    };
  });
}

/** All routes that the API describes, as their spans are named: `GET /api/activities/:uuid`. */
export function routesOf(description: Description): ReadonlySet<string> {
  return new Set(
    operationsOf(description).map(({ path, method }) => `${method.toUpperCase()} ${templateOf(path)}`),
  );
}

/** The faults that a request may ask for: none without FAULT_INJECTION. */
export function faultsOf(description: Description): readonly OfferedFault[] {
  const parameters = operationsOf(description).flatMap(({ operation }) => operation.parameters ?? []);
  const header = parameters.find((each) => each.in === 'header' && each.name === FAULT);
  return Object.entries(header?.examples ?? {}).map(([key, { value, summary, description: told }]) => ({
    key,
    title: summary ?? String(value),
    value: String(value),
    description: told ?? '',
  }));
}

interface Route {
  readonly path: string;
  readonly method: (typeof METHODS)[number];
  readonly operation: Operation;
}

function operationsOf({ paths = {} }: Description): readonly Route[] {
  return Object.entries(paths).flatMap(([path, operations]) =>
    METHODS.flatMap((method) => {
      const operation = operations[method];
      return operation !== undefined && path.startsWith('/api/') ? { path, method, operation } : [];
    }),
  );
}

/** The request of an operation; undefined where it requires something for which the description has no value. */
function requestOf(
  description: Description,
  path: string,
  method: Route['method'],
  { parameters = [], requestBody }: Operation,
  given: Readonly<Record<string, unknown>> = {},
): TracedRequest | undefined {
  let filled = path;
  const search = new URLSearchParams();
  for (const parameter of parameters.filter(({ required }) => required)) {
    const value = given[parameter.name] ?? exampleOf(parameter, description);
    // A header of the API's own may not come from another origin.
    if (value === undefined || !/^(?:path|query)$/.test(parameter.in)) return undefined;
    if (parameter.in === 'query') search.set(parameter.name, String(value));
    filled = filled.replaceAll(`{${parameter.name}}`, encodeURIComponent(String(value)));
  }
  const media: Described | undefined = requestBody?.content?.['application/json'];
  const body = media && exampleOf(media, description);
  if (requestBody !== undefined && body === undefined) return undefined;
  return {
    method: method === 'get' ? 'GET' : 'POST',
    path: search.size === 0 ? filled : `${filled}?${search}`,
    template: templateOf(path),
    ...(body !== undefined && { body }),
  };
}

/** A path of OpenAPI as the service names its route. */
function templateOf(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** The request of a link, with the answer's values in the place of the description's. */
function linkedRequest(description: Description, link: Link, answer: unknown): TracedRequest | undefined {
  const to = operationsOf(description).find(({ operation }) => operation.operationId === link.operationId);
  if (to === undefined || link.operationId === undefined) return undefined;
  const given = Object.entries(link.parameters ?? {}).map(([name, value]) => {
    const [, pointer] = /^\$response\.body#(\/.*)$/.exec(String(value)) ?? [];
    return [name, pointer === undefined ? value : at(answer, pointer)];
  });
  return requestOf(description, to.path, to.method, to.operation, Object.fromEntries(given));
}
