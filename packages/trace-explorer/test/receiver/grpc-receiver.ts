import type { ServiceError } from '@grpc/grpc-js';
import { Client, compressionAlgorithms, credentials } from '@grpc/grpc-js';
import type { Test } from 'tap';
import type { GrpcReceiverOptions } from '../../src/receiver/grpc/grpc-receiver.ts';
import { GrpcReceiver } from '../../src/receiver/grpc/grpc-receiver.ts';
import type { IntakeOptions } from '../../src/receiver/intake.ts';
import { Intake } from '../../src/receiver/intake.ts';
import { isLogs } from '../../src/store/rows/request.ts';
import type { ExportRequest } from '../../src/store/store.ts';

/** A receiver over a store that keeps what it is given. */
export async function start(t: Test, options: Partial<IntakeOptions & GrpcReceiverOptions> = {}) {
  const parts: ExportRequest[] = [];
  const store = {
    write: async (request: ExportRequest) => {
      parts.push(request);
    },
  };
  const intake = options.intake ?? new Intake({ store, ...options });
  const receiver = new GrpcReceiver({ intake, httpPort: 4318, ...options });
  await receiver.listen('127.0.0.1', 0);
  t.teardown(() => receiver.close());
  const names = () => parts.flatMap(scopeSpansOf).flatMap(({ spans }) => spans.map(({ name }) => name));
  return { receiver, names, parts, port: receiver.port, call: clientOf(t, receiver.port) };
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
