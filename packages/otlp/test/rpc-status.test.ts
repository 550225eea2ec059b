import t from 'tap';
import { decodeRpcStatus, encodeRpcStatus, RpcCode } from '../src/rpc-status.ts';
import { RpcStatusMessage } from '../testing/index.ts';

const STATUSES = [
  { code: RpcCode.invalidArgument, message: 'the body is no OTLP request: été' },
  { code: RpcCode.unavailable, message: 'x'.repeat(300) },
  { code: 0, message: '' },
];

t.test('a status is read back as it was, in both encodings', async (t) => {
  for (const status of STATUSES) {
    for (const encoding of ['protobuf', 'json'] as const)
      t.strictSame(decodeRpcStatus(encodeRpcStatus(status, encoding), encoding), status, encoding);
  }
});

t.test('protobufjs reads ours, and we read what it writes, past fields that are not known', async (t) => {
  for (const status of STATUSES) {
    const read = RpcStatusMessage.decode(encodeRpcStatus(status, 'protobuf'));
    t.strictSame(RpcStatusMessage.toObject(read, { defaults: true }), status);
    const bytes = RpcStatusMessage.encode(RpcStatusMessage.fromObject(status)).finish();
    const details = Uint8Array.of(0x1a, 2, 0x0a, 0);
    t.strictSame(decodeRpcStatus(Buffer.concat([details, bytes]), 'protobuf'), status);
  }
});

t.test('bytes that are not a status are an error', async (t) => {
  t.throws(() => decodeRpcStatus(Uint8Array.of(0x12, 9), 'protobuf'), { message: 'the message ends early' });
  t.throws(() => decodeRpcStatus(Buffer.from('OK'), 'json'), SyntaxError);
  t.throws(() => decodeRpcStatus(Buffer.from('{"message":5}'), 'json'), { message: 'message is not text' });
});
