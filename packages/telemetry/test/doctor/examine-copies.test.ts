import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { examineCopies } from '../../src/doctor/index.ts';

/** Packages by their folder below a temporary one: version, and what they depend on. */
function installed(t: Test, packages: Readonly<Record<string, readonly [string, ...string[]]>>): string {
  const root = mkdtempSync(join(tmpdir(), 'copies-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  for (const [folder, [version, ...dependencies]] of Object.entries(packages)) {
    const name = folder.split('node_modules/').at(-1);
    mkdirSync(join(root, folder), { recursive: true });
    const manifest = {
      name,
      version,
      dependencies: Object.fromEntries(dependencies.map((each) => [each, '*'])),
    };
    writeFileSync(join(root, folder, 'package.json'), JSON.stringify(manifest));
  }
  return root;
}

const API = '@opentelemetry/api';
const SDK = '@opentelemetry/sdk-trace-base';

t.test('one copy of each: their versions', async (t) => {
  const root = installed(t, {
    app: ['1.0.0', API, SDK, 'not-installed'],
    [`app/node_modules/${API}`]: ['1.9.1'],
    [`app/node_modules/${SDK}`]: ['2.12.0', API, 'app'], // a circle is no trouble
  });
  t.match(examineCopies([join(root, 'app')]), [
    { level: 'ok', what: 'api 1.9.1, SDK 2.12.0, 2 of its packages in all, one copy of each.' },
  ]);
});

t.test('a second API below another package is a problem that names both places', async (t) => {
  const root = installed(t, {
    app: ['1.0.0', API, 'plugin'],
    [`app/node_modules/${API}`]: ['1.9.1'],
    'app/node_modules/plugin': ['1.0.0', API],
    [`app/node_modules/plugin/node_modules/${API}`]: ['1.10.0'],
  });
  const [summary, copies, ...rest] = examineCopies([join(root, 'app')]);
  t.match(summary, { level: 'ok', data: { packages: { [API]: ['1.10.0', '1.9.1'] } } });
  t.match(copies, { level: 'problem', fix: /npm ls @opentelemetry\/api/ });
  t.match(copies?.what, /^2 copies of @opentelemetry\/api, and they do not see each other's spans: /);
  t.match(copies?.what, join('plugin', 'node_modules', API));
  t.strictSame(rest, []);
});

t.test(
  'two services that share a linked folder have one copy; two versions of another package are a warning',
  async (t) => {
    const root = installed(t, {
      a: ['1.0.0', API, '@opentelemetry/core'],
      b: ['1.0.0', API, '@opentelemetry/core'],
      [`a/node_modules/${API}`]: ['1.9.1'],
      'a/node_modules/@opentelemetry/core': ['2.12.0'],
      'b/node_modules/@opentelemetry/core': ['2.11.0'],
    });
    symlinkSync(join(root, 'a', 'node_modules', API), join(root, 'b', 'node_modules', API));
    const [, ...copies] = examineCopies([join(root, 'a'), join(root, 'b')]);
    t.match(copies, [{ level: 'warning', what: /^2 copies of @opentelemetry\/core/ }]);
    t.equal(copies.length, 1);
  },
);

t.test("with yarn's Plug'n'Play packages are where yarn says, not in node_modules", async (t) => {
  const root = installed(t, {
    app: ['1.0.0', API, 'not-installed'],
    [`cache/node_modules/${API}`]: ['1.10.0'],
  });
  const resolveToUnqualified = (name: string) => {
    if (name !== API) throw new Error(`${name} is not declared`);
    return join(root, 'cache', 'node_modules', API);
  };
  Object.assign(module, { findPnpApi: () => ({ resolveToUnqualified }) });
  t.teardown(() => Reflect.deleteProperty(module, 'findPnpApi'));
  t.match(examineCopies([join(root, 'app')]), [{ level: 'ok', what: /^api 1\.10\.0, / }]);
});

t.test('no API at all is a problem', async (t) => {
  const root = installed(t, { app: ['1.0.0'] });
  t.match(examineCopies([join(root, 'app')]), [{ level: 'problem', fix: 'Install the dependencies.' }]);
});
