import type { IncomingHttpHeaders } from 'node:http';
import type { Span } from '@opentelemetry/api';
import { diag } from '@opentelemetry/api';
import type { FastifyRequest } from 'fastify';
import { KNOWN_METHODS } from '../http/known-methods.ts';

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
  /**
   * `true` for a server that anybody can call: the context of a caller becomes a link of a new trace, and its baggage is
   * dropped. Strangers then neither decide what is sampled, nor write attributes, nor join others' traces. Default:
   * false, callers are trusted (W3C Trace Context, "Security considerations").
   */
  readonly publicEdge?: boolean;
  /**
   * Requests whose responses carry `traceresponse` and `Server-Timing`. Default: `/api/*`, and requests without a route.
   */
  readonly traceResponse?: (request: RequestHead) => boolean;
  /**
   * Methods that may stand in span names; all others are `_OTHER`. A full list, case-sensitive. Default: those of
   * RFC 9110, PATCH and QUERY.
   */
  readonly knownMethods?: readonly string[];
  /**
   * Called with the SERVER span of every traced request when it has started, before any other hook: for attributes of
   * your own. Not called for what the router answers itself (a malformed URL). What it throws is logged.
   */
  readonly requestHook?: (span: Span, request: FastifyRequest) => void;
}

/** The options with defaults filled in. */
export interface TracingSettings {
  readonly untraced: (request: RequestHead) => boolean;
  readonly publicEdge: boolean;
  readonly traceResponse: (request: RequestHead, hasRoute: boolean) => boolean;
  readonly knownMethods: ReadonlySet<string>;
  readonly requestHook: FastifyTracingOptions['requestHook'];
}

export function tracingSettings(options: FastifyTracingOptions): TracingSettings {
  return {
    untraced: options.untraced ?? isHealthRequest,
    publicEdge: options.publicEdge ?? false,
    traceResponse: options.traceResponse ?? isApiOrUnknown,
    knownMethods: options.knownMethods === undefined ? KNOWN_METHODS : new Set(options.knownMethods),
    requestHook: options.requestHook && contained(options.requestHook),
  };
}

/** A hook for attributes must not make a request fail. */
function contained(hook: NonNullable<FastifyTracingOptions['requestHook']>): typeof hook {
  return (span, request) => {
    try {
      hook(span, request);
    } catch (error) {
      diag.error(`The requestHook of fastifyTracing failed: ${error instanceof Error ? error.stack : error}`);
    }
  };
}

function isHealthRequest({ url }: RequestHead): boolean {
  return url?.startsWith('/health') === true && (url.length === 7 || url[7] === '/' || url[7] === '?');
}

/** Somebody who follows a wrong link finds its trace, too. */
function isApiOrUnknown({ url }: RequestHead, hasRoute: boolean): boolean {
  return !hasRoute || url?.startsWith('/api/') === true;
}
