import { readFileSync } from 'node:fs';
import t from 'tap';
import { loadedFiles } from '../helpers/loaded-files.ts';
import { startNode } from '../helpers/processes.ts';

/** A process that must not load what nobody asked for, as in `scripts/budgets.json`. */
interface Loaded {
  readonly what: string;
  /** Modules that are loaded one after the other. */
  readonly entries: readonly string[];
}

const { loaded }: { loaded: readonly Loaded[] } = JSON.parse(
  readFileSync(new URL('../../scripts/budgets.json', import.meta.url), 'utf8'),
);

/** Code that a process loads when it is asked for: another engine, lines of the console, spans of drivers, of libraries that get channels, of Express and of tests, Honeycomb's check. */
const ON_DEMAND =
  /telemetry\/src\/chosen\/lean\/|console-lines|\/guest\/(?:published\/(?!trace-drivers)|injected\/(?!trace-libraries|unheard))|\/express\/|\/profile\/(?!feature)|\/tests\/(?!feature|trace-tests|runner-files|runner-versions)|telemetry\/src\/service\/doctor\//;

t.jobs = 2;

for (const { what, entries } of loaded) {
  t.test(`${what} loads nothing that nobody has asked for`, async (t) => {
    const files = await loadedFiles(entries, { DATA_DIR: t.testdir() });
    t.ok(files.size > 20, `${files.size} files`);
    t.same(
      [...files].filter((file) => ON_DEMAND.test(file)),
      [],
    );
  });
}

t.test('what TRACE_LEAN asks for is loaded then', async (t) => {
  const files = await loadedFiles(['packages/service-kit/src/register.ts'], {
    TRACE_LEAN: 'true',
    DATA_DIR: t.testdir(),
  });
  t.ok(files.has('packages/telemetry/src/chosen/lean/engine.ts'));
  t.notOk(files.has('packages/telemetry/src/service/undici.ts'));
});

t.test('a key of Honeycomb has its check loaded', async (t) => {
  const files = await loadedFiles(['packages/service-kit/src/register.ts'], {
    HONEYCOMB_API_KEY: 'not-a-key',
    DATA_DIR: t.testdir(),
  });
  t.ok(files.has('packages/telemetry/src/service/doctor/honeycomb/check-key.ts'));
});

t.test("no start waits for undici, which an import of Node's HTTP loads", async (t) => {
  for (const entry of ['packages/telemetry/src/register.ts', 'packages/trace-explorer/src/app.ts']) {
    const undici = "process.moduleLoadList.filter((name) => name.includes('undici'))";
    const text = `await import('./${entry}'); console.log('loaded', ${undici}); process.exit()`;
    const child = startNode('.', ['--input-type=module', '--eval', text], { LOG_LEVEL: 'silent' });
    await child.exited;
    t.match(child.output(), 'loaded []\n', entry);
  }
});
