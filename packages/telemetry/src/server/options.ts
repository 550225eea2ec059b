import type { IncomingMessage } from 'node:http';

/** The request line and headers as received. */
export type RequestHead = Readonly<Pick<IncomingMessage, 'headers' | 'method' | 'url'>>;

/** Options of `fastifyTracing`. When `./register` traces the server, the options count for the whole server. */
export interface FastifyTracingOptions {
  /**
   * Requests without a span, and without spans below. Default: `/health` and `/health/*`. A route can leave its requests
   * out, too: `config: { otel: false }`.
   */
  readonly untraced?: (request: RequestHead) => boolean;
  /**
   * `true` for a server that anybody can call. The caller's context becomes a link of a new trace, and the caller's baggage
   * is dropped. So strangers cannot decide about sampling, write attributes, or join traces of others. Default:
   * false, callers are trusted (W3C Trace Context, "Security considerations").
   */
  readonly publicEdge?: boolean;
  /**
   * Requests whose responses carry `traceresponse` and `Server-Timing`. Default: `/api/*`, and requests without a route.
   */
  readonly traceResponse?: (request: RequestHead) => boolean;
}
