import { fileURLToPath } from 'node:url';
import t from 'tap';
import { isWalkOf } from '../../../../../test/helpers/files-that-ran.ts';
import { startNode } from '../../../../../test/helpers/processes.ts';

const SERVICE = fileURLToPath(import.meta.resolve('./walk-service.ts'));

t.test('an OTLP body becomes rows through few files', async (t) => {
  const child = startNode('packages/trace-explorer', [SERVICE, t.testdir()], {});
  t.equal(await child.exited, 0, child.output());
  const { http, all }: { http: string[]; all: string[] } = JSON.parse(child.output());
  isWalkOf(t, http, 39);
  isWalkOf(t, all, 55);
  for (const file of ['receiver/otlp-receiver.ts', 'store/supervise/writer.ts', 'store/table/fill.ts'])
    t.ok(http.includes(`trace-explorer/src/core/${file}`), `${file} runs`);
});
