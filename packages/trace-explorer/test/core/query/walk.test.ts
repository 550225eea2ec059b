import { fileURLToPath } from 'node:url';
import t from 'tap';
import { isWalkOf } from '../../../../../test/helpers/files-that-ran.ts';
import { startNode } from '../../../../../test/helpers/processes.ts';

const SERVICE = fileURLToPath(import.meta.resolve('./walk-service.ts'));

t.test('a query is answered through few files of the server', async (t) => {
  const child = startNode('packages/trace-explorer', [SERVICE, t.testdir()], {});
  t.equal(await child.exited, 0, child.output());
  isWalkOf(t, JSON.parse(child.output()), 63);
});
