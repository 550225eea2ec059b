import { once } from 'node:events';
import { connect } from 'node:http2';

export const TRACES = '/opentelemetry.proto.collector.trace.v1.TraceService/Export';
export const LOGS = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
export const GRPC_HEADERS = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' };

/** A message as gRPC sends it: flag and length before it. */
export function prefixed(message: Uint8Array, flag = 0): Buffer {
  const prefix = Buffer.from([flag, 0, 0, 0, 0]);
  prefix.writeUInt32BE(message.byteLength, 1);
  return Buffer.concat([prefix, message]);
}

/** Says `bytes` as the body of a call, right or wrong. @returns headers, trailers and text of the answer */
export async function callGrpc(
  port: number,
  bytes: Uint8Array,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => {}); // the call fails, too
  const stream = session.request({ ...GRPC_HEADERS, ':path': TRACES, ...headers });
  const answer: Record<string, unknown> = {};
  stream.on('response', (response) => Object.assign(answer, response));
  stream.on('trailers', (trailers) => Object.assign(answer, trailers));
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  stream.end(bytes);
  await once(stream, 'close');
  session.close();
  return { ...answer, text };
}
