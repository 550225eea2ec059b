import { encodeTraces } from '@tandem/otlp';
import t from 'tap';
import { decoded } from '../../spans.ts';
import { TRACES } from './call-grpc.ts';
import { start } from './grpc-receiver.ts';

const MIB = 1024 * 1024;

t.test('a message of 15 MiB is stored part by part', async (t) => {
  const { call, names, parts } = await start(t);
  const message = encodeTraces(
    decoded(Array.from({ length: 15_000 }, (_, i) => ({ name: `${i}`.repeat(260) }))),
  );
  t.ok(message.byteLength > 15 * MIB, `${message.byteLength} bytes`);
  t.match(await call(TRACES, message), { error: null });
  t.equal(names().length, 15_000);
  t.ok(parts.length > 1);
});
