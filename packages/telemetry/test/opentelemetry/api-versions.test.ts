import { join } from 'node:path';
import t from 'tap';
import {
  ApiVersionError,
  apiCopyOf,
  refuseOlderApi,
  refuseOtherRegistration,
} from '../../src/opentelemetry/api-versions.ts';

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
