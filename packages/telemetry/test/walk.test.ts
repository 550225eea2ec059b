import { fileURLToPath } from 'node:url';
import t from 'tap';
import { isWalkOf } from '../../../test/helpers/files-that-ran.ts';
import { startNode } from '../../../test/helpers/processes.ts';

/** Writes the bytes of a request in place of the official serializer. */
const ENCODER = /^otlp\/|\/spans\/(?:serializer|encode-span)\.ts$|\/http\/tracestate\.ts$/;

const SERVICE = fileURLToPath(import.meta.resolve('./fixtures/export-service.ts'));

t.test('a span goes from its end to the socket through few files, the encoder aside', async (t) => {
  const child = startNode('packages/telemetry', [SERVICE, t.testdir()], {});
  t.equal(await child.exited, 0, child.output());
  const ran: string[] = JSON.parse(child.output());
  isWalkOf(
    t,
    ran.filter((file) => !ENCODER.test(file)),
    6,
  );
});
