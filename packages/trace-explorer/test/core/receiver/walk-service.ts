import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { encodeTraces } from '@tandem/otlp';
import { decoded, randomId, TraceRequest } from '@tandem/otlp/testing';
import { recordFiles } from '../../../../../test/helpers/files-that-ran.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { buildReceiver } from '../../../src/core/receiver/build-receiver.ts';
import { openStore } from '../../../src/core/store/store.ts';
import { callGrpc, prefixed } from './call-grpc.ts';

// A receiver with its store. Prints as JSON which files of the workspace's packages ran between the arrival of an OTLP body
// and the commit of its rows: `http` for a good body over HTTP, `all` for one with a bad span too, one over gRPC, and the
// checkpoint.
const PACKAGES = fileURLToPath(new URL('../../../..', import.meta.url));
const FILL = 'trace-explorer/src/core/store/table/fill.ts';
const store = await openStore({ directory: process.argv[2] ?? '' });
const app = await buildReceiver({ store });
await app.listen({ host: '127.0.0.1', port: 0 });
const { port } = app.server.address() as AddressInfo;
const { filesThatRan } = await recordFiles(PACKAGES, /^(?:trace-explorer|otlp)\/src\//);

const spans = (name: string) =>
  [1, 2, 3].map(() => ({
    traceId: randomId(16),
    name,
    attributes: { 'http.route': '/a', n: 1, ok: true, ratio: 0.5 },
    resource: { 'host.name': 'h' },
    events: [{ name: 'e' }],
  }));
const sending = (body: Uint8Array) => {
  const payload = gzipSync(body);
  return async () => {
    const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
    const answer = await app.inject({ method: 'POST', url: '/v1/traces', headers, payload });
    if (answer.statusCode !== 200) throw new Error(answer.body);
  };
};
/** The files from the arrival of a body to the commit of its rows, without a reader. */
async function walk(arrive: () => Promise<unknown>): Promise<Set<string>> {
  await filesThatRan(); // counts from here on
  const files = new Set<string>();
  await arrive();
  await until(
    async () => {
      for (const file of await filesThatRan()) files.add(file);
      return files.has(FILL);
    },
    { everyMs: 1_000 },
  );
  return files;
}

let http = new Set<string>();
for (const name of ['warm', 'a', 'b']) http = await walk(sending(encodeTraces(decoded(spans(name)))));
const good = {
  traceId: Buffer.from(randomId(16), 'hex'),
  spanId: Buffer.from(randomId(8), 'hex'),
  name: 'good',
};
const bad = { ...good, traceId: Buffer.of(1, 2, 3), name: 'bad' };
const mixed = TraceRequest.encode({ resourceSpans: [{ scopeSpans: [{ spans: [good, bad] }] }] }).finish();
const ofBad = await walk(sending(mixed));
const message = prefixed(encodeTraces(decoded(spans('grpc'))));
const grpc = await walk(() => callGrpc(port, message));
await filesThatRan();
await app.close();
await store.close();
const all = new Set([...http, ...ofBad, ...grpc, ...(await filesThatRan())]);
process.stdout.write(`${JSON.stringify({ http: [...http], all: [...all] })}\n`);
