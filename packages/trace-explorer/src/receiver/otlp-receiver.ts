import cors from '@fastify/cors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { OtlpEncoding } from '../otlp/decode-traces.ts';
import { decodeTraces, encodingOf } from '../otlp/decode-traces.ts';
import type { SpanStore } from '../store/types.ts';
import { decompress, isSupportedCoding } from './decompress.ts';
import { OtlpHttpError, toHttpError } from './http-error.ts';
import { isLoopbackOrigin } from './origin.ts';
import { encodeStatus, encodeTraceResponse } from './responses.ts';
import { Turns } from './turns.ts';

export interface OtlpReceiverOptions {
  readonly store: Pick<SpanStore, 'write'>;
  /** Whether pages of this origin may send spans; default: those of this machine. Requests without one always may. */
  readonly allowOrigin?: (origin: string) => boolean;
  /** Bytes of a request after decompression; default 64 MiB. */
  readonly maxBodyBytes?: number;
}

export const TRACES_PATH = '/v1/traces';
const MAX_BODY_BYTES = 64 * 1024 * 1024;
/** Requests unpacked and decoded at the same time: at 64 MiB each, memory for no more. */
const MAX_DECODING = 2;
/** Announced bytes of requests under way, past which senders are asked to come again. */
const MAX_RECEIVING_BYTES = 128 * 1024 * 1024;

/** OTLP/HTTP for traces as a Fastify plugin (https://opentelemetry.io/docs/specs/otlp/#otlphttp). */
export async function otlpReceiver(app: FastifyInstance, options: OtlpReceiverOptions): Promise<void> {
  const { store, allowOrigin = isLoopbackOrigin, maxBodyBytes = MAX_BODY_BYTES } = options;
  const turns = new Turns(MAX_DECODING);
  const writing = new Set<Promise<unknown>>();
  let receivingBytes = 0;

  /** Lets the server's end wait for what is being stored. */
  async function track<T>(task: () => Promise<T>): Promise<T> {
    const done = task();
    writing.add(done);
    try {
      return await done;
    } finally {
      writing.delete(done);
    }
  }
  app.addHook('preClose', async function answerWhatIsUnderWay() {
    await Promise.allSettled(writing);
    // One turn for the answers to leave before the connections are closed.
    await new Promise((resolve) => setImmediate(resolve));
  });

  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler(function answerWithStatus(error, request, reply) {
    const { statusCode, code, message, retryAfterSeconds } = toHttpError(error);
    if (statusCode >= 500) request.log.warn({ err: error }, 'an export could not be stored');
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
    return send(
      reply.code(statusCode),
      encodingOfRequest(request),
      encodeStatus(code, message, encodingOfRequest(request)),
    );
  });
  app.setNotFoundHandler(function refuseUnknownPath(request) {
    throw OtlpHttpError.notFound(
      `${request.url} is not served here: spans are received at POST ${TRACES_PATH}`,
    );
  });

  // Before CORS, which would answer a foreign page's preflight.
  app.addHook('onRequest', async function refuseForeignOrigins({ headers: { origin } }) {
    if (origin !== undefined && !allowOrigin(origin)) {
      throw OtlpHttpError.forbidden(`pages of ${origin} may not send spans here`);
    }
  });
  await app.register(cors, { origin: true, methods: ['POST'], maxAge: 7200 });

  app.route({
    method: 'POST',
    url: TRACES_PATH,
    bodyLimit: maxBodyBytes,
    onRequest: async function refuseBeforeTheBody(request, reply) {
      if (encodingOf(request.headers['content-type']) === undefined) {
        throw OtlpHttpError.unsupported('Content-Type must be application/x-protobuf or application/json');
      }
      if (!isSupportedCoding(request.headers['content-encoding'])) {
        throw OtlpHttpError.unsupported('Content-Encoding must be gzip, deflate, zstd or absent');
      }
      const announced = Number(request.headers['content-length'] ?? 1024 * 1024);
      if (receivingBytes > 0 && receivingBytes + announced > MAX_RECEIVING_BYTES) {
        throw OtlpHttpError.unavailable('too much is being received at this moment', 1);
      }
      receivingBytes += announced;
      reply.raw.once('close', () => {
        receivingBytes -= announced;
      });
    },
    handler: async function exportTraces(request, reply) {
      const encoding = encodingOfRequest(request);
      const body = request.body as Buffer | undefined;
      if (body === undefined || body.byteLength === 0)
        return send(reply, encoding, encodeTraceResponse(0, '', encoding));
      const { rejectedCount, rejectedReason } = await track(async () => {
        const traces = await turns.take(async () => {
          const bytes = await decompress(body, request.headers['content-encoding'], maxBodyBytes);
          return decodeTraces(bytes, encoding);
        });
        await store.write(traces);
        return traces;
      });
      return send(reply, encoding, encodeTraceResponse(rejectedCount, rejectedReason, encoding));
    },
  });
  app.route({
    method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'],
    url: TRACES_PATH,
    handler: async function refuseMethod(request, reply) {
      reply.header('allow', 'POST, OPTIONS');
      throw OtlpHttpError.methodNotAllowed(`${request.method} is not allowed: spans are received with POST`);
    },
  });
}

/** Errors of requests in an unknown encoding are told in JSON, which a person can read. */
function encodingOfRequest(request: FastifyRequest): OtlpEncoding {
  return encodingOf(request.headers['content-type']) ?? 'json';
}

function send(reply: FastifyReply, encoding: OtlpEncoding, body: Uint8Array): FastifyReply {
  return reply
    .header('content-type', encoding === 'json' ? 'application/json' : 'application/x-protobuf')
    .send(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
}
