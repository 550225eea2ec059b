import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startNode } from '../../../test/helpers/processes.ts';

/** The most files between the end of a span and the socket, without the encoder. */
const MAX_FILES = 8;
/** Writes the bytes of a request in place of the official serializer. */
const ENCODER = /^otlp\/|\/spans\/(?:serializer|encode-span)\.ts$|\/http\/tracestate\.ts$/;

const SERVICE = fileURLToPath(import.meta.resolve('./fixtures/export-service.ts'));

t.test(`a span goes from its end to the socket through ${MAX_FILES} files of ours at most`, async (t) => {
  const child = startNode('packages/telemetry', [SERVICE, t.testdir()], {});
  t.equal(await child.exited, 0, child.output());
  const all: string[] = JSON.parse(child.output());
  const files = all.filter((file) => !ENCODER.test(file));
  t.ok(files.length <= MAX_FILES, `${files.length}:\n${files.join('\n')}`);
  for (const file of [
    'telemetry/src/road/spans/provider.ts',
    'telemetry/src/road/delivery/batch-processor.ts',
  ])
    t.ok(files.includes(file), `${file} runs`);
});
