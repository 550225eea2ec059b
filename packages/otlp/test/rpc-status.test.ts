import t from 'tap';
import { encodeRpcStatus, RpcCode } from '../src/rpc-status.ts';
import { decodeRpcStatus } from '../testing/decode-rpc-status.ts';
import { RetryInfoMessage, RpcStatusMessage } from '../testing/index.ts';

const STATUSES = [
  { code: RpcCode.invalidArgument, message: 'the body is no OTLP request: été' },
  { code: RpcCode.unavailable, message: 'x'.repeat(300) },
  { code: 0, message: '' },
];

t.test('a written status is read back unchanged, in both encodings', async (t) => {
  for (const status of STATUSES) {
    for (const encoding of ['protobuf', 'json'] as const)
      t.strictSame(decodeRpcStatus(encodeRpcStatus(status, encoding), encoding), status, encoding);
  }
});

t.test('protobufjs reads our status, and we read one of protobufjs with unknown fields', async (t) => {
  for (const status of STATUSES) {
    const read = RpcStatusMessage.decode(encodeRpcStatus(status, 'protobuf'));
    t.strictSame(RpcStatusMessage.toObject(read, { defaults: true }), { ...status, details: [] });
    const bytes = RpcStatusMessage.encode(RpcStatusMessage.fromObject(status)).finish();
    const details = Uint8Array.of(0x1a, 2, 0x0a, 0);
    t.strictSame(decodeRpcStatus(Buffer.concat([details, bytes]), 'protobuf'), status);
  }
});

t.test('the time until the next attempt is a detail google.rpc.RetryInfo', async (t) => {
  const typeUrl = 'type.googleapis.com/google.rpc.RetryInfo';
  for (const [retryDelaySeconds, seconds, nanos] of [
    [5, 5, 0],
    [0.3, 0, 300_000_000],
    [2.3, 2, 300_000_000],
    [0, 0, 0],
  ] as const) {
    const status = { code: RpcCode.unavailable, message: 'behind', retryDelaySeconds };
    for (const encoding of ['protobuf', 'json'] as const)
      t.strictSame(decodeRpcStatus(encodeRpcStatus(status, encoding), encoding), status, encoding);

    const read = RpcStatusMessage.toObject(RpcStatusMessage.decode(encodeRpcStatus(status, 'protobuf')));
    t.match(read.details, [{ typeUrl }]);
    const options = { longs: Number, defaults: true };
    const retryInfo = RetryInfoMessage.toObject(RetryInfoMessage.decode(read.details[0].value), options);
    t.strictSame(retryInfo, { retryDelay: { seconds, nanos } });
    const value = RetryInfoMessage.encode(RetryInfoMessage.fromObject(retryInfo)).finish();
    const details = [{ typeUrl: 'type.googleapis.com/google.rpc.Help' }, { typeUrl, value }];
    const theirs = RpcStatusMessage.encode(RpcStatusMessage.fromObject({ ...status, details })).finish();
    t.strictSame(decodeRpcStatus(theirs, 'protobuf'), status);
  }
});

t.test('bytes that are not a status are an error', async (t) => {
  t.throws(() => decodeRpcStatus(Uint8Array.of(0x12, 9), 'protobuf'), { message: 'the message ends early' });
  t.throws(() => decodeRpcStatus(Buffer.from('OK'), 'json'), SyntaxError);
  t.throws(() => decodeRpcStatus(Buffer.from('{"message":5}'), 'json'), { message: 'message is not text' });
});
