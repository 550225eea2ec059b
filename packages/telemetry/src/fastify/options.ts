import type { IncomingHttpHeaders } from 'node:http';
import { KNOWN_METHODS } from '../http-client/known-methods.ts';

/** What decides whether a request is traced: the request line and headers as received. */
export interface RequestHead {
  readonly method?: string | undefined;
  readonly url?: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

/** Options of `fastifyTracing`. */
export interface FastifyTracingOptions {
  /**
   * Requests that get no span, and below which nothing makes one. Default: `/health` and `/health/*`. A route can
   * also leave itself out, with `config: { otel: false }`.
   */
  readonly untraced?: (request: RequestHead) => boolean;
  /** Requests whose responses carry `traceresponse` and `Server-Timing`. Default: `/api/*`. */
  readonly traceResponse?: (request: RequestHead) => boolean;
  /**
   * Methods that may stand in span names; all others are `_OTHER`. A full list, case-sensitive. Default: those of
   * RFC 9110, PATCH and QUERY.
   */
  readonly knownMethods?: readonly string[];
}

/** The options with defaults filled in. */
export interface TracingSettings {
  readonly untraced: (request: RequestHead) => boolean;
  readonly traceResponse: (request: RequestHead) => boolean;
  readonly knownMethods: ReadonlySet<string>;
}

export function tracingSettings(options: FastifyTracingOptions): TracingSettings {
  return {
    untraced: options.untraced ?? isHealthRequest,
    traceResponse: options.traceResponse ?? isApiRequest,
    knownMethods: options.knownMethods === undefined ? KNOWN_METHODS : new Set(options.knownMethods),
  };
}

function isHealthRequest({ url }: RequestHead): boolean {
  return url?.startsWith('/health') === true && (url.length === 7 || url[7] === '/' || url[7] === '?');
}

function isApiRequest({ url }: RequestHead): boolean {
  return url?.startsWith('/api/') === true;
}
