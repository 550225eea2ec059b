import t from 'tap';
import { startNode, untilOutput } from '../helpers/processes.ts';

const SCRIPT = `
  import { freePort } from './scripts/lib/free-port.ts';
  console.log(JSON.stringify(await Promise.all(Array.from({ length: 300 }, freePort))));
  setTimeout(() => {}, 60_000);
`;

t.test('a free port is given once, also by other processes', async (t) => {
  const processes = [1, 2].map(() => startNode('.', ['--input-type=module', '--eval', SCRIPT], {}));
  t.teardown(() => Promise.all(processes.map((each) => each.stop('SIGKILL'))));
  await Promise.all(processes.map((each) => untilOutput(each, /\]\n/)));
  const ports: number[] = processes.flatMap((each) => JSON.parse(each.output()));
  t.equal(new Set(ports).size, 600);
});
