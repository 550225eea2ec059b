import type { IncomingMessage } from 'node:http';

/** The request line and headers as received. */
export type RequestHead = Readonly<Pick<IncomingMessage, 'headers' | 'method' | 'url'>>;

/** Options of `fastifyTracing`. Where `./register` traces the server already, they count for the whole server. */
export interface FastifyTracingOptions {
  /**
   * Requests without a span, and without spans below. Default: `/health` and `/health/*`. A route can
   * also leave itself out, with `config: { otel: false }`.
   */
  readonly untraced?: (request: RequestHead) => boolean;
  /**
   * `true` for a server that anybody can call: the context of a caller becomes a link of a new trace, and its baggage is
   * dropped. Strangers then cannot decide about sampling, write attributes, or join traces of others. Default:
   * false, callers are trusted (W3C Trace Context, "Security considerations").
   */
  readonly publicEdge?: boolean;
  /**
   * Requests whose responses carry `traceresponse` and `Server-Timing`. Default: `/api/*`, and requests without a route.
   */
  readonly traceResponse?: (request: RequestHead) => boolean;
  /**
   * Methods that may stand in span names; all others are `_OTHER`. A full list, case-sensitive. Default: the methods of
   * RFC 9110, PATCH and QUERY.
   */
  readonly knownMethods?: readonly string[];
}
