import { errorMonitor } from 'node:events';
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Context, Span } from '@opentelemetry/api';
import { context, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { hasClientSpan } from '../../beside/other-tracers.ts';
import { listenTo } from '../../common/channels.ts';
import { monotonicNow } from '../../common/primordials.ts';
import { tracer } from '../../common/tracer.ts';
import { isAgentExport } from '../../road/http/agent-exports.ts';
import { Call, connectionOpens } from '../../road/http/call.ts';
import {
  contextInHeaders,
  recordBodySize,
  recordStatus,
  requestAttributes,
  startClientSpan,
} from '../../road/http/client-request.ts';
import { parseHost } from '../../road/http/http-url.ts';
import type { Ended } from '../../road/http/request-failure.ts';
import { recordRequestFailure } from '../../road/http/request-failure.ts';
import { endCall, watchBody } from '../../road/http/unread-bodies.ts';

/** Node's message about a request. */
interface ClientMessage {
  readonly request: ClientRequest;
  readonly response: IncomingMessage;
  readonly error: unknown;
}

/**
 * Makes a CLIENT span of every request of `http.request` and `https.request` (also in axios, got and the AWS SDK), and
 * sends the span's context along. Node's diagnostics channels tell of requests. Headers given as a list, or with `Expect`,
 * cannot carry the context: Node writes these headers before Node publishes the request.
 *
 * @returns how to stop
 */
export function traceHttpClients(): () => void {
  const ownTracer = tracer();
  const calls = new WeakMap<ClientRequest, HttpCall>();
  const stopGot = listenTo<GotMessage>({
    'got:request:error': ({ url, error }) => {
      gotFailed = { url, error: error.cause ?? error, at: monotonicNow() };
    },
  });
  const stopRequests = listenTo<ClientMessage>({
    'http.client.request.created': ({ request }) => {
      const active = context.active();
      if (request.method === 'CONNECT' || isTracingSuppressed(active)) return;
      const headersOf = () => Object.entries(request.getHeaders()).flat();
      const rootHost = trace.getSpan(active) === undefined ? request.host : undefined;
      if (isAgentExport(request.path, headersOf, rootHost)) return;
      if (hasClientSpan(active)) return sendHeaders(request, active);
      const { method, path } = request;
      const own = contextInHeaders(active, (name) => request.getHeader(name)?.toString());
      const span = startClientSpan(ownTracer, { method, path, origin: originOf(request) }, own ?? active);
      sendHeaders(request, own === undefined ? trace.setSpan(active, span) : active);
      if (!span.isRecording()) return;
      const call = new HttpCall(span);
      calls.set(request, call);
      request.once('socket', (socket) => {
        if (socket.connecting) connectionOpens(socket);
        call.sent(socket);
        call.watchTimeouts(request, socket);
      });
      request.once('pipe', (source: Source) => {
        call.source = source;
      });
      // Of an error that an agent emits by itself, such as a refusal of a proxy, Node's channel says nothing.
      request.once(errorMonitor, (error) => {
        if (span.isRecording() && call.response === undefined) recordRequestFailure(span, { error });
      });
      request.once('close', () => endCall(call));
    },
    'http.client.response.finish': ({ request, response }) => {
      const call = calls.get(request);
      if (call === undefined) return;
      const { span } = call;
      const { statusCode = 0, httpVersion, socket } = response;
      recordPort(span, request, socket.remotePort);
      span.setAttributes({
        'network.peer.address': socket.remoteAddress,
        'network.peer.port': socket.remotePort,
        'network.protocol.version': httpVersion,
      });
      recordStatus(span, statusCode);
      recordBodySize(span, request.method, statusCode, response.headers['content-length']);
      call.response = response;
      call.headersAt = monotonicNow();
      watchBody(call);
      // Its reader has the whole answer. A connection that nobody keeps closes when the process next finds time for it.
      response.prependOnceListener('end', () => endCall(call));
      // Records a cut-off answer, before the next listener ends the span.
      request.prependOnceListener('close', () => {
        const error = response.errored && (socket.errored ?? response.errored);
        recordRequestFailure(span, { error, socket, isOverdue: call.isOverdue(socket) });
      });
    },
    'http.client.request.error': ({ request, error }) => {
      const call = calls.get(request);
      if (call === undefined) return;
      const { span } = call;
      const { socket } = request;
      const [{ port = socket?.remotePort }] = Object(error).errors ?? [Object(error)];
      recordPort(span, request, port);
      const isOverdue = call.isOverdue(socket);
      recordRequestFailure(span, { socket, isOverdue, ...call.failureOf(request, error) });
      endCall(call);
    },
  });
  return () => {
    stopGot();
    stopRequests();
  };
}

/** Got's message about a call that failed. */
interface GotMessage {
  readonly url: string;
  readonly error: Error;
}

/** The last failure that got told of. */
let gotFailed: { readonly url: string; readonly error: unknown; readonly at: number } | undefined;

/** Most milliseconds until a request of got that is destroyed has closed, on a busy machine. */
const CLOSES_WITHIN_MS = 1_000;

/** What got destroyed a request for: got tells it beside, and gives Node no reason. */
function gotFailure(request: ClientRequest): unknown {
  const { url, error, at } = gotFailed ?? {};
  if (at === undefined || monotonicNow() - at > CLOSES_WITHIN_MS) return undefined;
  if (url !== `${originOf(request)}${request.path}`) return undefined;
  gotFailed = undefined;
  return error;
}

/** A stream; `errored` is undefined of one that is none of Node's. */
type Source = { readonly errored?: Error | null };

/** A request of `node:http`, and its response. */
class HttpCall extends Call {
  response: IncomingMessage | undefined;
  /** The stream that is piped into the request. */
  source: Source | undefined;
  /** What had been read of the connection at its last timeout. */
  #readAtTimeout: number | undefined;

  /** Notes timeouts of a request, and of its connection, which others use later. Who ignores one has more bytes afterwards. */
  watchTimeouts(request: ClientRequest, socket: Socket): void {
    const note = () => {
      this.#readAtTimeout = socket.bytesRead;
    };
    request.on('timeout', note);
    socket.on('timeout', note);
    request.once('close', () => socket.off('timeout', note));
  }

  /** Whether the connection has been silent since a timeout. */
  isOverdue(socket: Socket | null): boolean {
    return this.#readAtTimeout !== undefined && !(Number(socket?.bytesRead) > this.#readAtTimeout);
  }

  /**
   * The error that a request failed with. `pipeline` and got destroy a request without the error of the stream that they read
   * its body from.
   */
  failureOf(request: ClientRequest, error: unknown): Pick<Ended, 'error' | 'upload'> {
    if (request.writableEnded) return { error };
    const { errored } = this.source ?? {};
    if (errored != null) return { error: errored, upload: 'failed' };
    if (errored === null) return { error }; // it could have gone on
    const told = gotFailure(request);
    return told === undefined ? { error, upload: 'unfinished' } : { error: told, upload: 'failed' };
  }

  unreadBytes(): number | undefined {
    const { readableFlowing, complete = false, readableLength = 0, socket } = this.response ?? {};
    const isUnread = !readableFlowing && (complete || readableLength > 0);
    if (readableFlowing !== null && !isUnread) return undefined; // null: there was no reader
    return socket && socket.bytesRead - readableLength; // a slow reader takes what arrived long ago
  }
}

/**
 * Protocol, host and port that a request is sent to. Node keeps no port, so the port is that of the `Host` header, which Node
 * writes itself. A header that names another host, and none, tell no port: then `recordPort` does.
 */
function originOf(request: ClientRequest): string {
  const { host, protocol } = request;
  const asked = host.includes(':') ? `[${host}]` : host;
  const header = hostHeaderOf(request);
  return `${protocol}//${header !== undefined && isFor(header, request) ? header : asked}`;
}

/** Headers given as a list are written already. */
function hostHeaderOf(request: ClientRequest & { readonly _header?: string | null }): string | undefined {
  const header = request.getHeader('host') ?? /^host:[ \t]*(\S+)/im.exec(request._header ?? '')?.[1];
  return header === undefined ? undefined : String(header);
}

/** Whether a `Host` header names the host that is asked. Others are names behind a gateway, such as `shop.example.com`. */
function isFor(header: string, { host, protocol }: ClientRequest): boolean {
  return parseHost(header, protocol.slice(0, -1))?.address === host;
}

/** Writes the port of the connection to a span whose request did not tell the port at the start. */
function recordPort(span: Span, request: ClientRequest, port: number | undefined): void {
  const header = hostHeaderOf(request);
  if (port === undefined || !request.path.startsWith('/') || (header !== undefined && isFor(header, request)))
    return;
  const isDefault = port === (request.protocol === 'https:' ? 443 : 80);
  const origin = isDefault ? originOf(request) : `${originOf(request)}:${port}`;
  const attributes = requestAttributes({ method: request.method, path: request.path, origin }, ROOT_CONTEXT);
  span.setAttributes({ 'url.full': attributes['url.full'], 'server.port': port });
}

/**
 * Adds the headers that carry `outgoing` to a request, in place of forwarded headers. A caller's baggage stays beside ours
 * unless both are the same.
 */
function sendHeaders(request: ClientRequest, outgoing: Context): void {
  if (request.headersSent) return;
  const injected: Record<string, string> = {};
  propagation.inject(outgoing, injected);
  const { baggage } = injected;
  const own = String(request.getHeader('baggage') ?? '');
  if (baggage !== undefined && own !== '' && own !== baggage) injected.baggage = `${own}, ${baggage}`;
  if ('traceparent' in injected) request.removeHeader('tracestate');
  for (const [name, value] of Object.entries(injected)) request.setHeader(name, value);
}
