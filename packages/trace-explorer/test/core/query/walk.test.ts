import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startNode } from '../../../../../test/helpers/processes.ts';
import { differences, namedIn } from '../../named-files.ts';

const SERVICE = fileURLToPath(import.meta.resolve('./walk-service.ts'));

t.test('a query passes the files of the server that ARCHITECTURE.md names, and no other', async (t) => {
  const child = startNode('packages/trace-explorer', [SERVICE, t.testdir()], {});
  t.equal(await child.exited, 0, child.output());
  const ran: string[] = JSON.parse(child.output());
  const named = namedIn('A query', (row) => !/`(?:page|parts)\//.test(row));
  t.same(differences(ran, named), { unnamed: [], unused: [] });
});
