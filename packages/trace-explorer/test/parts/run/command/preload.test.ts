import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { startNode } from '../../../../../../test/helpers/processes.ts';

const PRELOAD = fileURLToPath(import.meta.resolve('#preload'));
const WATCH = `require('node:fs').appendFileSync(process.env.TANDEM_RUN_USES, 'watched\\n');`;

/** The lines that processes with what `run` loads leave for it. */
async function usesOf(here: string, args: readonly string[]): Promise<string[]> {
  const uses = join(here, 'uses');
  const env = { TANDEM_RUN_WATCH: join(here, 'watch.cjs'), TANDEM_RUN_USES: uses };
  const child = startNode(here, args, env);
  t.equal(await child.exited, 0, child.output());
  return readFileSync(uses, 'utf8').split('\n').filter(Boolean);
}

t.test('Deno, which sends its spans by itself, is neither watched nor said to be untraced', async (t) => {
  const here = t.testdir({
    uses: '',
    'watch.cjs': WATCH,
    'deno.cjs': `
      Object.defineProperty(process, 'versions', { value: { ...process.versions, deno: '2.9.0' } });
      delete require('node:module').enableCompileCache;
    `,
    'app.cjs': '',
  });
  t.same(await usesOf(here, ['-r', './deno.cjs', '-r', PRELOAD, 'app.cjs']), []);
});

t.test("a process with hooks in a thread of Node's, as tsx has them, is watched once", async (t) => {
  const here = t.testdir({
    uses: '',
    'watch.cjs': WATCH,
    'hooks.mjs': 'export const resolve = (name, context, next) => next(name, context);',
    'app.mjs': `
      import { register } from 'node:module';
      register('./hooks.mjs', import.meta.url);
      await import('node:os');
    `,
  });
  t.same(await usesOf(here, ['-r', PRELOAD, 'app.mjs']), ['watched']);
});
