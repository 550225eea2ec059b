import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startNode } from '../../../test/helpers/processes.ts';

const SERVICE = fileURLToPath(import.meta.resolve('./walks-service.ts'));

/** Files of the explorer whose functions run for an answer, at most; without core/store, lib and http. The numbers only fall. */
const WALKS: Readonly<Record<string, number>> = {
  causes: 94,
  cause: 82,
  ending: 86,
  'ending, with the last run and sightings': 93,
  'live line': 84,
  report: 83,
  'report, with a base': 109,
  compare: 12,
  outline: 54,
};

t.test('no answer passes more files than its walk has', async (t) => {
  const child = startNode('packages/trace-explorer', [SERVICE, t.testdir()], {});
  t.equal(await child.exited, 0, child.output());
  const walks: Record<string, string[]> = JSON.parse(child.output());
  t.same(Object.keys(walks).toSorted(), Object.keys(WALKS).toSorted());
  for (const [name, files] of Object.entries(walks))
    t.ok(files.length <= (WALKS[name] ?? 0), `${name}: ${files.length} files\n${files.join('\n')}`);
});
