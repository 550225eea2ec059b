import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startNode } from '../../../test/helpers/processes.ts';

/** The most files between the end of a span and the socket, without the encoder. */
const MAX_FILES = 6;
/** Writes the bytes of a request in place of the official serializer. */
const ENCODER = /^otlp\/|\/spans\/(?:serializer|encode-span)\.ts$|\/http\/tracestate\.ts$/;
/** Rows of the walk whose files run after the socket, or when it does not take the bytes. */
const LATER = /^\| (?:The body of its answer|A batch without an answer)/;

const SERVICE = fileURLToPath(import.meta.resolve('./fixtures/export-service.ts'));

/** The files of the walk of a span in ARCHITECTURE.md, up to the socket. */
function named(): string[] {
  const text = readFileSync(new URL('../../../ARCHITECTURE.md', import.meta.url), 'utf8');
  const [, section = ''] = text.split('\n### A span: ');
  const rows = (section.split('\n### ')[0] ?? '').split('\n').filter((line) => line.startsWith('| '));
  return rows
    .filter((row) => !LATER.test(row))
    .flatMap((row) => Array.from(row.matchAll(/`([^`]+\.ts)`/g), ([, file]) => `telemetry/src/${file}`))
    .filter((file) => !ENCODER.test(file));
}

t.test(
  `a span goes from its end to the socket through the files that ARCHITECTURE.md names, ${MAX_FILES} at most`,
  async (t) => {
    const child = startNode('packages/telemetry', [SERVICE, t.testdir()], {});
    t.equal(await child.exited, 0, child.output());
    const ran: string[] = JSON.parse(child.output());
    const walk = named();
    t.ok(walk.length <= MAX_FILES);
    t.same(ran.filter((file) => !ENCODER.test(file)).toSorted(), walk.toSorted());
  },
);
