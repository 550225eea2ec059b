import type { ServiceError } from '@grpc/grpc-js';
import { Client, compressionAlgorithms, credentials } from '@grpc/grpc-js';
import type { Test } from 'tap';
import type { ReceiverOptions } from '../../../src/core/receiver/build-receiver.ts';
import { buildReceiver } from '../../../src/core/receiver/build-receiver.ts';
import { Intake } from '../../../src/core/receiver/intake.ts';
import { isLogs } from '../../../src/core/store/rows/request.ts';
import type { ExportRequest } from '../../../src/core/store/store.ts';

/** A receiver over a store that keeps what it is given. */
export async function start(t: Test, options: Partial<ReceiverOptions> = {}) {
  const parts: ExportRequest[] = [];
  const store = {
    write: async (request: ExportRequest) => {
      parts.push(request);
    },
  };
  const intake = options.intake ?? new Intake({ store, ...options });
  const receiver = await buildReceiver({ store, ...options, intake });
  const port = Number(new URL(await receiver.listen({ host: '127.0.0.1', port: 0 })).port);
  t.teardown(() => receiver.close());
  const names = () => parts.flatMap(scopeSpansOf).flatMap(({ spans }) => spans.map(({ name }) => name));
  return { receiver, names, parts, port, call: clientOf(t, port) };
}

/** The official client; its errors say what its users see. */
export function clientOf(t: Test, port: number) {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.default_compression_algorithm': compressionAlgorithms.gzip,
    'grpc.max_send_message_length': -1,
  });
  t.teardown(() => client.close());
  return (path: string, message: Uint8Array): Promise<Answer> =>
    new Promise((resolve) => {
      const bytes = (value: Uint8Array) => Buffer.from(value);
      client.makeUnaryRequest(path, bytes, bytes, message, (error, response) => resolve({ error, response }));
    });
}

export interface Answer {
  readonly error: ServiceError | null;
  readonly response: Buffer | undefined;
}

/** The spans of a part of a request, with their scopes. */
function scopeSpansOf(request: ExportRequest) {
  return isLogs(request) ? [] : request.scopeSpans;
}
