import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';

/** Starts the page's server in a process of its own, and sends it requests; prints how many modules of the SDK it has after each. */
const SCRIPT = `
  import { registerHooks } from 'node:module';
  let modules = 0;
  registerHooks({
    load(url, context, next) {
      if (url.includes('@modelcontextprotocol')) modules++;
      return next(url, context);
    },
  });
  const { openStore } = await import('./src/core/store/store.ts');
  const { buildExplorer } = await import('./src/app.ts');
  const store = await openStore({ directory: process.env.DIRECTORY });
  const app = await buildExplorer({ store });
  const seen = [];
  for (const url of ['/api/status', '/mcp']) {
    const { statusCode } = await app.inject({ method: 'GET', url });
    seen.push({ statusCode, modules });
  }
  await app.close();
  await store.close();
  process.stdout.write(JSON.stringify(seen));
`;

t.test('the explorer loads the SDK of agents with the first request of an agent', async (t) => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', SCRIPT], {
    cwd: `${import.meta.dirname}/../../..`,
    env: { ...process.env, DIRECTORY: t.testdir() },
  });
  const [status, mcp] = JSON.parse(stdout) as { statusCode: number; modules: number }[];
  t.same(status, { statusCode: 200, modules: 0 });
  t.equal(mcp?.statusCode, 405);
  t.ok((mcp?.modules ?? 0) > 0, 'the look above would find it');
});
