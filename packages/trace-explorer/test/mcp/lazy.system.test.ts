import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import t from 'tap';

/** Starts the page's server in a process of its own and sends it one request; prints the modules of the SDK it loaded. */
const script = (path: string) => `
  import { registerHooks } from 'node:module';
  const urls = [];
  registerHooks({
    load(url, context, next) {
      if (url.includes('@modelcontextprotocol')) urls.push(url);
      return next(url, context);
    },
  });
  const { openStore } = await import('./src/store/open-store.ts');
  const { buildExplorer } = await import('./src/app.ts');
  const store = await openStore({ directory: process.env.DIRECTORY });
  const app = await buildExplorer({ store });
  const { statusCode } = await app.inject(${path});
  await app.close();
  await store.close();
  process.stdout.write(JSON.stringify({ statusCode, urls }));
`;

async function modulesAfter(t: { testdir(): string }, path: string) {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '--eval', script(path)],
    {
      cwd: `${import.meta.dirname}/../..`,
      env: { ...process.env, DIRECTORY: t.testdir() },
    },
  );
  return JSON.parse(stdout) as { statusCode: number; urls: string[] };
}

t.test('an explorer whom no agent asks loads nothing of the SDK', async (t) => {
  t.match(await modulesAfter(t, "'/api/status'"), { statusCode: 200, urls: { length: 0 } });
});

t.test('the first request of an agent loads it: the look above would find it', async (t) => {
  const { statusCode, urls } = await modulesAfter(t, "{ method: 'GET', url: '/mcp' }");
  t.equal(statusCode, 405);
  t.ok(urls.length > 0);
});
