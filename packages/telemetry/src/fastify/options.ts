import type { IncomingHttpHeaders } from 'node:http';

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
}
