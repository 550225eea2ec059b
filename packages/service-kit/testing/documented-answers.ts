import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** A proxy's client puts this before the path. */
const ORIGIN = /^https?:\/\/[^/?]*/;

type Content = Readonly<Record<string, unknown>>;
type Responses = Readonly<Record<string, { readonly content?: Content }>>;
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Responses }>>>>;
}

/** The answer to a request, in the terms of an OpenAPI document. */
interface Answer {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Empty when Node does not know the header, because all headers were written at once. */
  readonly contentType: string;
}

/**
 * Watches a server's answers, and returns those that its OpenAPI document lacks, one line each: `get /api/users 418
 * text/plain`. Answers for unknown paths and methods are left out. Answers that Node writes before there is a request are
 * not seen.
 */
export function watchAnswers(app: FastifyInstance): { undocumented(): Promise<string[]> } {
  const answers: Answer[] = [];
  const record = (message: unknown) => {
    const { request, response, server } = message as {
      request: IncomingMessage;
      response: ServerResponse;
      server: unknown;
    };
    if (server !== app.server) return;
    const [path = ''] = (request.url ?? '').replace(ORIGIN, '').split('?', 1);
    const method = request.method === 'HEAD' ? 'get' : (request.method ?? '').toLowerCase();
    const [contentType = ''] = String(response.getHeader('content-type') ?? '').split(';', 1);
    answers.push({ method, path, status: response.statusCode, contentType });
  };
  const channel = 'http.server.response.finish';
  subscribe(channel, record);
  return {
    async undocumented() {
      unsubscribe(channel, record);
      const document: Document = (await app.inject('/documentation/json')).json();
      return [...new Set(answers.filter((answer) => isMissing(document, answer)).map(describe))];
    },
  };
}

function isMissing({ paths }: Document, { method, path, status, contentType }: Answer): boolean {
  const template = pathTemplateOf(paths, path);
  const responses = template === undefined ? undefined : paths[template]?.[method]?.responses;
  if (responses === undefined) return false;
  // `default` is for errors. A success is listed by its status.
  const response = responses[status] ?? (status >= 400 ? responses.default : undefined);
  return response === undefined || (contentType !== '' && !(contentType in (response.content ?? {})));
}

/** The path in the OpenAPI document for a request's path, such as `/api/users/{handle}`; undefined for an unknown path. */
export function pathTemplateOf(paths: Readonly<Record<string, unknown>>, path: string): string | undefined {
  return path in paths ? path : Object.keys(paths).find((known) => matches(known, path));
}

function matches(template: string, path: string): boolean {
  const source = template.replace(/[.+?^$()|[\]\\]/g, '\\$&').replace(/\{[^}]+\}/g, '[^/]+');
  return new RegExp(`^${source}$`).test(path);
}

function describe({ method, path, status, contentType }: Answer): string {
  return `${method} ${path} ${status} ${contentType}`;
}
