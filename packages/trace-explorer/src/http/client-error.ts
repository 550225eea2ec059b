import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Problem } from '@tandem/service-kit/http';
import { PROBLEM_JSON, problemDetails } from '@tandem/service-kit/http';
import { problems } from '../errors.ts';

/** Node's default limit for the request line and headers together. */
const MAX_HEADER_BYTES = 16_384;

/** What Node passes with `clientError`. */
interface ClientError extends Error {
  readonly code?: string;
  readonly rawPacket?: unknown;
}

/**
 * Answers what Node's HTTP parser refused, before there is a request: Node emits `clientError` with the bare socket,
 * so the response is written by hand.
 */
export function answerClientError(error: ClientError, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || socket.destroyed) {
    socket.destroy();
    return;
  }
  socket.end(rawResponse(refusal(error)));
}

function refusal(error: ClientError): Problem {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return isInRequestLine(error.rawPacket) ? problems.URI_TOO_LONG() : problems.HEADERS_TOO_LARGE();
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return problems.REQUEST_TIMEOUT();
    case 'HPE_INVALID_METHOD':
      return problems.MALFORMED_REQUEST({ detail: 'The method is not known.' });
    default:
      return problems.MALFORMED_REQUEST();
  }
}

/** The parser counts the request line as a header too: where no line ends in the first 16 KiB, the URL is too long. */
function isInRequestLine(packet: unknown): boolean {
  if (!Buffer.isBuffer(packet) || !/^[A-Z-]+ /.test(packet.toString('latin1', 0, 16))) return false;
  const end = packet.indexOf(0x0a);
  return end === -1 || end > MAX_HEADER_BYTES;
}

/** A complete HTTP/1.1 response that closes the connection. */
export function rawResponse(problem: Problem): string {
  const body = problemDetails(problem);
  return [
    `HTTP/1.1 ${problem.statusCode} ${STATUS_CODES[problem.statusCode]}`,
    `content-type: ${PROBLEM_JSON}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...Object.entries(problem.headers).map(([name, value]) => `${name}: ${value}`),
    '',
    body,
  ].join('\r\n');
}
