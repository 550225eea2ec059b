import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { openStore } from '../../../../src/core/store/store.ts';
import { temporaryDirectory } from '../../../spans.ts';

const READER = fileURLToPath(import.meta.resolve('./exit-while-reading.ts'));
/** Milliseconds after which a process that did not end is killed. */
const KILLED_AFTER_MS = 20_000;

t.test('a process that exits during statements ends, and with its own exit code', async (t) => {
  const directory = temporaryDirectory(t);
  const { stdout, status, signal, stderr } = spawnSync(process.execPath, [READER, directory, '3'], {
    encoding: 'utf8',
    timeout: KILLED_AFTER_MS,
    killSignal: 'SIGKILL',
  });
  t.match({ stdout, status, signal }, { stdout: 'reading', status: 3, signal: null }, stderr);
});

t.test('a store that is closed leaves no listener behind', async (t) => {
  const before = process.listenerCount('exit');
  const stores = [await openStore({ directory: temporaryDirectory(t) })];
  const one = process.listenerCount('exit');
  stores.push(await openStore({ directory: temporaryDirectory(t) }));
  t.equal(process.listenerCount('exit'), one, 'all stores share one');
  for (const store of stores) await store.close();
  t.equal(process.listenerCount('exit'), before);
});
