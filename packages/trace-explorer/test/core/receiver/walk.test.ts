import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startNode } from '../../../../../test/helpers/processes.ts';

/** The most files that somebody should have to open who follows a body to its rows. */
const MAX_FILES = 39;

const SERVICE = fileURLToPath(import.meta.resolve('./walk-service.ts'));

t.test(`an OTLP body becomes rows through ${MAX_FILES} files of ours at most`, async (t) => {
  const child = startNode('packages/trace-explorer', [SERVICE, t.testdir()], {});
  t.equal(await child.exited, 0, child.output());
  const files: string[] = JSON.parse(child.output());
  t.ok(files.length <= MAX_FILES, `${files.length}:\n${files.join('\n')}`);
  for (const file of ['receiver/otlp-receiver.ts', 'store/supervise/writer.ts', 'store/table/fill.ts'])
    t.ok(files.includes(`trace-explorer/src/core/${file}`), `${file} runs`);
});
