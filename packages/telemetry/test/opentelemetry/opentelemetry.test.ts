import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as api from '@opentelemetry/api';
import type { LogRecord } from '@opentelemetry/api-logs';
import { logs } from '@opentelemetry/api-logs';
import t from 'tap';
import {
  ApiVersionError,
  apiCopyOf,
  refuseOlderApi,
  refuseOtherRegistration,
} from '../../src/opentelemetry/api-versions.ts';
import { registerLoggerProvider, unregisterLoggerProvider } from '../../src/opentelemetry/logs-api.ts';
import { loadOptional } from '../../src/opentelemetry/optional-package.ts';

t.test('versions of the API', async (t) => {
  const REGISTRY = Symbol.for('opentelemetry.js.api.1');

  const copy = (version: string, directory = `/${version}`) => ({ version, directory });

  t.test('the copy that modules in a folder get, with its version', async (t) => {
    const ours = apiCopyOf();
    t.match(ours, { version: /^1\.\d+\.\d+$/, directory: /@opentelemetry[\\/]api$/ });
    t.strictSame(apiCopyOf(join(import.meta.dirname, 'main.js')), ours, 'tests get the same');
    t.equal(apiCopyOf('/nowhere/main.js'), undefined, 'not installed there');
  });

  t.test('a service whose api sees nothing of what ours registers is refused', async (t) => {
    for (const [service, ours] of [
      ['1.10.0', '1.9.1'],
      ['2.0.0', '1.10.0'],
    ] as const) {
      const refuse = () => refuseOlderApi(copy(service), copy(ours));
      t.throws(refuse, ApiVersionError);
      t.throws(refuse, {
        message: new RegExp(`this service has @opentelemetry/api ${service} .*/api ${ours} `),
      });
      t.throws(refuse, { message: `npm install @opentelemetry/api@${service} && npm dedupe` });
    }
  });

  t.test('what sees ours is let start', async (t) => {
    refuseOlderApi(copy('1.9.1'), copy('1.10.0'));
    refuseOlderApi(copy('1.10.1'), copy('1.10.0'));
    refuseOlderApi(copy('1.10.0', '/same'), copy('1.9.1', '/same'));
    refuseOlderApi(undefined);
    t.pass('nothing was thrown');
  });

  t.test('an api of another version that has registered is refused: ours cannot register', async (t) => {
    const before: unknown = Reflect.get(globalThis, REGISTRY);
    t.teardown(() => Reflect.set(globalThis, REGISTRY, before));
    Reflect.set(globalThis, REGISTRY, { version: '1.10.0' });
    t.throws(() => refuseOtherRegistration(copy('1.9.1')), {
      name: 'ApiVersionError',
      message:
        /^@opentelemetry\/api 1\.10\.0 has registered .* has @opentelemetry\/api 1\.9\.1, .*npm install @opentelemetry\/api@1\.10\.0 /,
    });
    refuseOtherRegistration(copy('1.10.0'));
    Reflect.set(globalThis, REGISTRY, undefined);
    refuseOtherRegistration(copy('1.9.1'));
  });
});

t.test('the API for logs', async (t) => {
  t.test('a logger provider is found by every API for logs that there is', async (t) => {
    const ways: (typeof logs)[] = [logs];
    // API 1.10 has one of its own, and runs this test in the lane of SDK 3.
    if ('logs' in api) ways.push(api.logs as typeof logs);
    const bodies: LogRecord['body'][] = [];
    registerLoggerProvider({
      getLogger: () => ({ enabled: () => true, emit: ({ body }) => void bodies.push(body) }),
    });
    t.teardown(() => unregisterLoggerProvider());
    for (const each of ways) each.getLogger('test').emit({ body: 'heard' });
    t.strictSame(
      bodies,
      ways.map(() => 'heard'),
    );
    unregisterLoggerProvider();
    for (const each of ways) each.getLogger('test').emit({ body: 'too late' });
    t.equal(bodies.length, ways.length);
  });
});

t.test('optional packages', async (t) => {
  t.test('a package that is not installed is none', async (t) => {
    t.equal(loadOptional('@nobody/has-this'), undefined);
  });

  t.test('it is none in another realm either, as tests of Jest are', async (t) => {
    const foreign = join(t.testdir(), 'foreign.cjs');
    const thrown = "Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' })";
    writeFileSync(foreign, `throw require('node:vm').runInNewContext(${JSON.stringify(thrown)})`);
    t.equal(loadOptional(foreign), undefined);
  });

  t.test('a package that fails while it is loaded is not called missing', async (t) => {
    const broken = join(t.testdir(), 'broken.cjs');
    writeFileSync(broken, "throw new Error('broken')");
    t.throws(() => loadOptional(broken), { message: 'broken' });
  });
});
