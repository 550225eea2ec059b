import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { apiVersionOf, describeOtherApi } from '../../src/beside/api-versions.ts';
import { loadPackage } from '../../src/features/lifecycle/lifecycle-spans.ts';

t.test('versions of the API', async (t) => {
  const REGISTRY = Symbol.for('opentelemetry.js.api.1');

  t.test('the version that modules in a folder get', async (t) => {
    const ours = apiVersionOf();
    t.match(ours, /^1\.\d+\.\d+$/);
    t.equal(apiVersionOf(join(import.meta.dirname, 'main.js')), ours, 'tests get the same');
    t.equal(apiVersionOf('/nowhere/main.js'), undefined, 'not installed there');
  });

  /** Describes, in a process with a registered version of the API, or without one. */
  function describe(t: Test, ours: string, service?: string, registered?: string) {
    const before: unknown = Reflect.get(globalThis, REGISTRY);
    t.teardown(() => Reflect.set(globalThis, REGISTRY, before));
    Reflect.set(globalThis, REGISTRY, registered === undefined ? undefined : { version: registered });
    return describeOtherApi(service, ours);
  }

  t.test(
    'an API of the service that cannot see our provider is named, with the command that mends it',
    async (t) => {
      for (const [service, ours] of [
        ['1.10.0', '1.9.1'],
        ['2.0.0', '1.10.0'],
      ] as const) {
        const message = describe(t, ours, service);
        t.match(message, new RegExp(`this service has @opentelemetry/api ${service}, .*/api ${ours}, `));
        t.match(message, `npm install @opentelemetry/api@${service} && npm dedupe`);
      }
    },
  );

  t.test('a service whose API sees our provider has no message', async (t) => {
    t.equal(describe(t, '1.10.0', '1.9.1'), undefined);
    t.equal(describe(t, '1.10.0', '1.10.1'), undefined);
    t.equal(describe(t, '1.9.1'), undefined);
    t.equal(describe(t, '1.10.0', undefined, '1.10.0'), undefined);
  });

  t.test('an api of another version that has registered is named: ours cannot register', async (t) => {
    t.match(
      describe(t, '1.9.1', undefined, '1.10.0'),
      /has @opentelemetry\/api 1\.10\.0, .* has @opentelemetry\/api 1\.9\.1, .*npm install @opentelemetry\/api@1\.10\.0 /,
    );
  });
});

t.test('optional packages', async (t) => {
  t.test('a package that is missing in another realm is missing, as tests of Jest are', async (t) => {
    const foreign = join(t.testdir(), 'foreign.cjs');
    const thrown = "Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' })";
    writeFileSync(foreign, `throw require('node:vm').runInNewContext(${JSON.stringify(thrown)})`);
    t.throws(() => loadPackage(foreign), { message: /^TRACE_FASTIFY_LIFECYCLE needs a package/ });
  });

  t.test('a package that fails while it is loaded is not called missing', async (t) => {
    const broken = join(t.testdir(), 'broken.cjs');
    writeFileSync(broken, "throw new Error('broken')");
    t.throws(() => loadPackage(broken), { message: 'broken' });
  });

  t.test('a setting whose package is not installed names the package to install', async (t) => {
    for (const [name, packageName] of [
      ['@nobody/has-this/part.mjs', '@nobody/has-this'],
      ['has-none/part', 'has-none'],
    ] as const)
      t.throws(() => loadPackage(name), {
        message: `TRACE_FASTIFY_LIFECYCLE needs a package: \`npm install ${packageName}\`.`,
      });
  });
});
