import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { encodeTraces } from '@tandem/otlp';
import { decoded, randomId } from '@tandem/otlp/testing';
import { recordFiles } from '../../../../../test/helpers/files-that-ran.ts';
import { until } from '../../../../../test/helpers/until.ts';
import { buildReceiver } from '../../../src/core/receiver/build-receiver.ts';
import { openStore } from '../../../src/core/store/store.ts';

// A receiver with its store. Prints as JSON which files of the workspace's packages ran between the arrival of an OTLP body
// and the commit of its rows.
const PACKAGES = fileURLToPath(new URL('../../../..', import.meta.url));
const store = await openStore({ directory: process.argv[2] ?? '' });
const app = await buildReceiver({ store });
const { filesThatRan } = await recordFiles(PACKAGES, /^(?:trace-explorer|otlp)\/src\//);

const files = new Set<string>();
for (const name of ['warm', 'a', 'b']) {
  const spans = [1, 2, 3].map(() => ({
    traceId: randomId(16),
    name,
    attributes: { 'http.route': '/a', n: 1, ok: true, ratio: 0.5 },
    resource: { 'host.name': 'h' },
    events: [{ name: 'e' }],
  }));
  const payload = gzipSync(encodeTraces(decoded(spans)));
  await filesThatRan(); // counts from here on
  files.clear();
  const headers = { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' };
  const answer = await app.inject({ method: 'POST', url: '/v1/traces', headers, payload });
  if (answer.statusCode !== 200) throw new Error(answer.body);
  // The commit, without a reader.
  await until(
    async () => {
      for (const file of await filesThatRan()) files.add(file);
      return files.has('trace-explorer/src/core/store/table/fill.ts');
    },
    { everyMs: 1_000 },
  );
}
process.stdout.write(`${JSON.stringify([...files])}\n`);
await app.close();
await store.close();
