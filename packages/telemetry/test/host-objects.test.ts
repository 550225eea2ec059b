import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';

const SOURCES = join(import.meta.dirname, '..', 'src');
const texts = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => [file.replaceAll('\\', '/'), readFileSync(join(SOURCES, file), 'utf8')] as const);

/** A match of each source, with its file: `service/fastify/add-hook.ts addHook`. */
function found(pattern: RegExp): string[] {
  const all = texts.flatMap(([file, text]) =>
    [...text.matchAll(pattern)].map(([, name]) => `${file} ${name}`),
  );
  return [...new Set(all)].toSorted();
}

t.test('keys on objects of others stand beside their owner', async (t) => {
  t.same(found(/Symbol(?:\.for)?\(\s*['`]([^'`]+)['`]/g), [
    'beside/api-versions.ts opentelemetry.js.api.1', // read only; of OpenTelemetry's API
    'chosen/lean/attributes.ts no value of an attribute', // a value, no key
    'common/process-wide.ts @tandem/telemetry', // the global object
    'features/lines/line-processor.ts calls', // span of the SDK
    'features/lines/line-processor.ts place', // span of the SDK
    'features/lines/loop-place.ts made', // span of the SDK
    'features/waits/connecting.ts is at once', // our own object
    'features/waits/connecting.ts times', // our own object
    'features/waits/connecting.ts turn', // our own object
    'guest/injected/vendor-tracers.ts dd-trace', // read only; the global object, of dd-trace
    'guest/node/express/express-routes.ts tandem.express-mounts', // request of Express
    'guest/tests/jest.ts EVENT_HANDLERS', // the global object of Jest's sandbox; of jest-circus
    'guest/tests/jest.ts opentelemetry.js.api.1', // read only; the global object of Jest's sandbox, of OpenTelemetry's API
    'guest/tests/tap.ts TAP private constructor', // the global object; of tap
    'guest/tests/tests-of.ts opentelemetry.js.api.1', // read only; of OpenTelemetry's API
    'process/end.ts signal-exit emitter', // read only; of signal-exit
    'road/http/agent-exports.ts dd-trace', // read only; the global object, of dd-trace
    'road/logs/log-mixin.ts @tandem/telemetry request trace 1', // request of Fastify
    'road/spans/clock.ts tandem anchor', // span of the SDK
    'road/undici/dispatched.ts @tandem/telemetry dispatched 1', // handler of undici
    'road/undici/undici-call.ts tandem.undici-call', // request of undici
    'service/fastify/fastify-tracing.ts tandem.tracing', // server of Fastify
  ]);
});

t.test('docs/reference/host.md lists every member that is replaced on an object of others', async (t) => {
  const page = readFileSync(join(SOURCES, '../../../docs/reference/host.md'), 'utf8');
  const [, list = ''] = page.split('## What it replaces');
  const replaced = found(
    /^\s*[a-z]\w*\.(\w+) = (?:async )?(?:function|\(|addLater|addHookBehind|timeOf|fn;)/gm,
  );
  t.ok(replaced.length >= 10, replaced.join('\n'));
  for (const member of [
    ...replaced,
    'process/end.ts Atomics.wait',
    'road/delivery/http-exporter.ts process.env',
  ]) {
    const [, name = ''] = member.split(' '); // `value` is of our own objects
    if (name !== 'value') t.match(list, `\`${name}`, member);
  }
});
