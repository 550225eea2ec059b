import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

/** What Node loads when somebody uses it: fetch, streams of the web, HTTP/2. */
const LATER = /undici|webstreams|http2/;

t.test('what listens in a process loads nothing that Node keeps for later', async (t) => {
  for (const name of [
    'guest/any-process/auto-instrumentation',
    'guest/console/console-lines',
    'features/lines/index',
    'features/waits/stalls',
  ]) {
    const url = import.meta.resolve(`../src/${name}.ts`);
    const script = `await import(${JSON.stringify(url)}); console.log(process.moduleLoadList.join('\\n'));`;
    const list = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
    t.strictSame(
      list.split('\n').filter((each) => LATER.test(each)),
      [],
      name,
    );
  }
});
