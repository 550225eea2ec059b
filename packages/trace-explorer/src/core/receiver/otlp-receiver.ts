import type { IncomingHttpHeaders } from 'node:http';
import { Readable } from 'node:stream';
import cors from '@fastify/cors';
import type { ExportSignal, OtlpEncoding } from '@tandem/otlp';
import { CONTENT_TYPES, encodeExportResponse, encodeRpcStatus, encodingOf } from '@tandem/otlp';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { clientGone } from '../../http/client-gone.ts';
import { yieldToEventLoop } from '../../lib/node/task-queue.ts';
import { isLoopbackOrigin } from '../../lib/text/loopback.ts';
import { Failure, isRefused } from '../failures.ts';
import { namedDataset } from '../fields/resource.ts';
import type { Access } from '../serve/access.ts';
import { codingOf } from './body.ts';
import { otlpAnswer } from './http-error.ts';
import type { IncomingBody } from './incoming-body.ts';
import type { Intake } from './intake.ts';

export interface OtlpReceiverOptions {
  readonly intake: Intake;
  /** Decides which senders may send; without it everybody may. */
  readonly access?: Pick<Access, 'allows'>;
}

const PATHS: ReadonlyMap<ExportSignal, string> = new Map<ExportSignal, string>([
  ['traces', '/v1/traces'],
  ['logs', '/v1/logs'],
  ['metrics', '/v1/metrics'],
]);

/** OTLP/HTTP for spans and log records as a Fastify plugin; metrics are received and not kept (https://opentelemetry.io/docs/specs/otlp/#otlphttp). */
export async function otlpReceiver(app: FastifyInstance, options: OtlpReceiverOptions): Promise<void> {
  const { intake, access } = options;

  app.addHook('preClose', async function answerWhatIsUnderWay() {
    await intake.close();
    // One turn for the answers to leave before the connections are closed.
    await yieldToEventLoop();
  });

  app.removeAllContentTypeParsers();
  // The intake reads the body, because the intake bounds the bytes of all bodies together.
  app.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
  app.setErrorHandler(function answerWithStatus(error, request, reply) {
    const { statusCode, code, message, retryAfterSeconds } = otlpAnswer(error);
    // The store reports a full disk once.
    if (statusCode >= 500 && !isRefused(error, 'DISK_FULL'))
      request.log.warn({ err: error }, 'the store did not take an export');
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
    return send(
      reply.code(statusCode),
      encodingOfRequest(request),
      encodeRpcStatus({ code, message }, encodingOfRequest(request)),
    );
  });
  app.setNotFoundHandler(function refuseUnknownPath(request) {
    throw new Failure(
      'UNKNOWN_PATH',
      `${request.url} is unknown here: this port takes spans at POST ${PATHS.get('traces')}, log records at POST ${PATHS.get('logs')}`,
    );
  });

  // This hook runs before CORS, which would answer a foreign page's preflight.
  app.addHook('onRequest', async function refuseForeignOrigins({ headers: { origin } }) {
    if (origin !== undefined && !isLoopbackOrigin(origin)) {
      throw new Failure('FOREIGN_PAGE', `pages of ${origin} may not send here`);
    }
  });
  // A page sends with credentials by sendBeacon, and by OpenTelemetry's exporter before 0.220.
  await app.register(cors, { origin: true, credentials: true, methods: ['POST'], maxAge: 7200 });

  for (const [signal, url] of PATHS) {
    app.route({
      method: 'POST',
      url,
      onRequest: async function refuseBeforeTheBody(request) {
        if (access?.allows({ authorization: request.headers.authorization }) === false) {
          intake.refusedByToken += 1;
          throw new Failure('NO_TOKEN');
        }
        if (encodingOf(request.headers['content-type']) === undefined) {
          throw new Failure(
            'UNKNOWN_FORM',
            `Content-Type must be ${Object.values(CONTENT_TYPES).join(' or ')}`,
          );
        }
        codingOf(request.headers['content-encoding']); // throws for unknown codings
      },
      handler: async function exportSignal(request, reply) {
        const encoding = encodingOfRequest(request);
        const body = { ...incomingBody(request), encoding };
        return send(
          reply,
          encoding,
          await takeExport(intake, signal, body, request.headers, clientGone(reply)),
        );
      },
    });
    app.route({
      method: ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE'],
      url,
      handler: async function refuseMethod(request, reply) {
        reply.header('allow', 'POST, OPTIONS');
        throw new Failure('WRONG_METHOD', `${request.method} is not allowed: ${signal} need POST`);
      },
    });
  }
}

/**
 * Takes an export in, and lets the tee send it on. Metrics are accepted and not kept here: a sender whose exports fail
 * would log an error each time.
 * @param headers of HTTP, or gRPC's metadata
 * @param gone aborts when the sender leaves before the answer
 * @returns the response, in the body's encoding
 * @throws as the intake does
 */
export async function takeExport(
  intake: Intake,
  signal: ExportSignal,
  body: IncomingBody,
  headers: IncomingHttpHeaders,
  gone: AbortSignal,
): Promise<Uint8Array> {
  const forward = intake.tee?.accept(signal, headers);
  const dataset = signal === 'metrics' ? undefined : namedDataset(signal, headers);
  const address = [signal, dataset, forward && headers['x-honeycomb-dataset'], forward === undefined].join();
  const { rejected, rejectedReason } =
    signal !== 'metrics'
      ? await intake.take({ ...body, signal, dataset, forward, sender: { gone, address } })
      : forward === undefined
        ? await intake.discardMetrics(body)
        : await intake.forwardMetrics(body, forward);
  return encodeExportResponse(signal, { rejected, errorMessage: rejectedReason }, body.encoding);
}

/** The body of a request whose parser does not read it. */
export function incomingBody({ body, headers }: FastifyRequest): Omit<IncomingBody, 'encoding'> {
  return {
    payload: body instanceof Readable ? body : undefined,
    contentEncoding: headers['content-encoding'],
    announcedBytes: Number(headers['content-length'] ?? 0),
  };
}

/** Errors of requests in an unknown encoding are in JSON, which a person can read. */
function encodingOfRequest(request: FastifyRequest): OtlpEncoding {
  return encodingOf(request.headers['content-type']) ?? 'json';
}

function send(reply: FastifyReply, encoding: OtlpEncoding, body: Uint8Array): FastifyReply {
  return reply
    .header('content-type', CONTENT_TYPES[encoding])
    .send(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
}
