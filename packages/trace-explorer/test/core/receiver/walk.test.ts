import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startNode } from '../../../../../test/helpers/processes.ts';
import { differences, namedIn } from '../../named-files.ts';

/** The most files that somebody should have to open who follows a body to its rows. */
const MAX_FILES = 39;

const SERVICE = fileURLToPath(import.meta.resolve('./walk-service.ts'));
const child = startNode('packages/trace-explorer', [SERVICE, t.testdir()], {});
t.equal(await child.exited, 0, child.output());
const { http, all }: { http: string[]; all: string[] } = JSON.parse(child.output());

t.test(`an OTLP body becomes rows through ${MAX_FILES} files of ours at most`, async (t) => {
  t.ok(http.length <= MAX_FILES, `${http.length}:\n${http.join('\n')}`);
  for (const file of ['receiver/otlp-receiver.ts', 'store/supervise/writer.ts', 'store/table/fill.ts'])
    t.ok(http.includes(`trace-explorer/src/core/${file}`), `${file} runs`);
});

t.test('a body over HTTP or gRPC passes the files that ARCHITECTURE.md names, and no other', async (t) => {
  const ran = all.map((file) => file.replace(/^(?:trace-explorer|otlp)\/src\//, ''));
  t.same(differences(ran, namedIn('An OTLP body')), { unnamed: [], unused: [] });
});
