import type { OtlpEncoding } from './encoding.ts';
import { RpcStatusFields } from './fields/rpc-status.ts';
import { JsonFields } from './json/json-fields.ts';
import { parseJson } from './json/parse-json.ts';
import { ProtobufReader } from './protobuf/reader.ts';
import { ProtobufWriter } from './protobuf/writer.ts';

/** google.rpc.Status: the body of every answer other than 200. */
export interface RpcStatus {
  /** One of {@link RpcCode}, or another of google.rpc.Code. */
  readonly code: number;
  /** For people. */
  readonly message: string;
}

/** Numbers of google.rpc.Code that OTLP receivers answer with. */
export const RpcCode = {
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  unauthenticated: 16,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
} as const;

/** The body of an answer that refuses an export. */
export function encodeRpcStatus({ code, message }: RpcStatus, encoding: OtlpEncoding): Uint8Array {
  if (encoding === 'json') return Buffer.from(JSON.stringify({ code, message }));
  const writer = new ProtobufWriter(64);
  if (code !== 0) writer.uint32(RpcStatusFields.code, code);
  if (message !== '') writer.string(RpcStatusFields.message, message);
  return writer.toBuffer();
}

/** Reads the body of an answer that refuses an export. @throws RangeError, SyntaxError or TypeError when it is not a Status */
export function decodeRpcStatus(bytes: Uint8Array, encoding: OtlpEncoding): RpcStatus {
  if (encoding === 'json') {
    const fields = new JsonFields(parseJson(bytes), 'the status');
    return { code: fields.uint32('code'), message: fields.text('message') };
  }
  const reader = new ProtobufReader(bytes);
  let code = 0;
  let message = '';
  while (!reader.done) {
    const tag = reader.tag();
    if (tag === RpcStatusFields.code) code = reader.uint32();
    else if (tag === RpcStatusFields.message) message = reader.text();
    else reader.skip(tag);
  }
  return { code, message };
}
