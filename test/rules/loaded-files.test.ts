import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

const TELEMETRY = 'packages/telemetry/';
const { imports }: { imports: Readonly<Record<string, string>> } = JSON.parse(
  readFileSync(new URL(`../../${TELEMETRY}package.json`, import.meta.url), 'utf8'),
);

/** The part with which a service makes the spans of its calls. */
const OF_SERVICES = '#undici';
/** The part with what telemetry for any process begins with. */
const OF_GUESTS = '#any-process';

/** Parts of telemetry that wait until they are asked for: their files, and those that a part's door leads to. */
const PARTS: ReadonlySet<string> = new Set(
  Object.entries(imports).flatMap(([name, target]) => {
    if (name === OF_SERVICES || name === OF_GUESTS) return [];
    const file = join(TELEMETRY, target);
    const text = readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
    return [
      file,
      ...Array.from(text.matchAll(/^export .* from '(\..*)'/gm), ([, path = '']) =>
        join(dirname(file), path),
      ),
    ];
  }),
);

/** Parts, and the doctor's checks, also that of a key of Honeycomb. */
const isAskedFor = (file: string) => PARTS.has(file) || file.startsWith(`${TELEMETRY}src/service/doctor/`);

t.jobs = 2;

for (const { what, entries } of loaded) {
  t.test(`${what} loads nothing that nobody has asked for, and a service no file of a guest`, async (t) => {
    const files = await loadedFiles(entries, { DATA_DIR: t.testdir() });
    t.ok(files.size > 20, `${files.size} files`);
    const isAny = files.has(`${TELEMETRY}src/register.ts`);
    t.same(
      [...files].filter((file) => isAskedFor(file) || (!isAny && file.startsWith(`${TELEMETRY}src/guest/`))),
      [],
    );
  });
}

t.test('lines of code load the table of libraries, and nothing else of a guest', async (t) => {
  const files = await loadedFiles(['packages/service-kit/src/register.ts'], {
    TRACE_CODE_LOCATIONS: 'true',
    DATA_DIR: t.testdir(),
  });
  t.strictSame(
    [...files].filter((file) => file.startsWith(`${TELEMETRY}src/guest/`)),
    [`${TELEMETRY}src/guest/libraries.ts`],
  );
});

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
