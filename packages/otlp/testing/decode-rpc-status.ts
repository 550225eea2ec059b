import type { OtlpEncoding } from '../src/decode.ts';
import { RetryInfoFields, RpcStatusFields } from '../src/fields/rpc-status.ts';
import { AnyFields, DurationFields } from '../src/fields/well-known.ts';
import { JsonFields } from '../src/json/json-fields.ts';
import { parseJson } from '../src/json/parse-json.ts';
import { ProtobufReader, readFields, readMessage } from '../src/protobuf/reader.ts';
import type { RpcStatus } from '../src/rpc-status.ts';
import { NANOSECONDS, RETRY_INFO_URL } from '../src/rpc-status.ts';

/** Reads the body of an answer that refuses an export. @throws RangeError, SyntaxError or TypeError when it is not a Status */
export function decodeRpcStatus(bytes: Uint8Array, encoding: OtlpEncoding): RpcStatus {
  return encoding === 'json' ? readJson(bytes) : readProtobuf(bytes);
}

function readJson(bytes: Uint8Array): RpcStatus {
  const fields = new JsonFields(parseJson(bytes), 'the status');
  let retryDelaySeconds: number | undefined;
  for (const detail of fields.messages('details')) {
    if (detail.text('@type') === RETRY_INFO_URL)
      retryDelaySeconds = Number(detail.text('retryDelay').replace(/s$/, ''));
  }
  return statusOf(fields.uint32('code'), fields.text('message'), retryDelaySeconds);
}

function readProtobuf(bytes: Uint8Array): RpcStatus {
  const reader = new ProtobufReader(bytes);
  let code = 0;
  let message = '';
  let retryDelaySeconds: number | undefined;
  readFields(reader, {
    [RpcStatusFields.code]: () => (code = reader.uint32()),
    [RpcStatusFields.message]: () => (message = reader.text()),
    [RpcStatusFields.details]: () => (retryDelaySeconds = readDetail(reader) ?? retryDelaySeconds),
  });
  return statusOf(code, message, retryDelaySeconds);
}

/** Seconds of a RetryInfo; undefined for other details. */
function readDetail(reader: ProtobufReader): number | undefined {
  let typeUrl = '';
  let value: Uint8Array = new Uint8Array();
  readMessage(reader, {
    [AnyFields.typeUrl]: () => (typeUrl = reader.text()),
    [AnyFields.value]: () => (value = reader.slice()),
  });
  if (typeUrl !== RETRY_INFO_URL) return undefined;
  const detail = new ProtobufReader(value);
  let delaySeconds = 0;
  const duration = {
    [DurationFields.seconds]: () => (delaySeconds += Number(detail.int64())),
    [DurationFields.nanos]: () => (delaySeconds += Number(detail.int64()) / NANOSECONDS),
  };
  readFields(detail, { [RetryInfoFields.retryDelay]: () => readMessage(detail, duration) });
  return delaySeconds;
}

function statusOf(code: number, message: string, retryDelaySeconds: number | undefined): RpcStatus {
  return { code, message, ...(retryDelaySeconds !== undefined && { retryDelaySeconds }) };
}
