import t from 'tap';
import { startNode } from '../../../test/helpers/processes.ts';
import { startReceiver } from './receiver.ts';

// A test may replace timers, clocks and JSON: telemetry has taken its own when it was loaded.

const receiver = await startReceiver(t);
const REGISTER = import.meta.resolve('../src/register.ts');

/** Serves and asks twice, while all that a test may replace throws when telemetry's own code calls it; then sends. */
const APP = `
  import http from 'node:http';
  import { readFileSync } from 'node:fs';
  import { setTimeout as sleep } from 'node:timers/promises';
  const callers = new Set();
  const replace = (on, name) => {
    const own = on[name];
    on[name] = function (...args) {
      const [, caller = ''] = new Error().stack.split('\\n').slice(1);
      if (caller.includes('/telemetry/src/')) {
        callers.add(name + ' ' + caller.trim());
        throw new Error(name + ' of the test');
      }
      return Reflect.apply(own, this, args);
    };
  };
  const server = http.createServer(async (request, response) => {
    console.log('asked', { at: new Date(0) });
    await fetch(process.env.ELSEWHERE, { method: 'HEAD' }).catch(() => {});
    response.end('ok');
  }).listen(0, '127.0.0.1', async () => {
    for (const name of ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'queueMicrotask', 'structuredClone'])
      replace(globalThis, name);
    for (const name of ['parse', 'stringify']) replace(JSON, name);
    for (const name of ['now', 'parse']) replace(Date, name);
    for (const name of ['now']) replace(performance, name);
    for (const name of ['hrtime']) replace(process, name);
    const ask = () => new Promise((done, fail) => http.get({ port: server.address().port, path: '/replaced', agent: false }, (answer) =>
      answer.resume().on('end', done)).on('error', fail));
    await ask();
    await ask();
    await sleep(700); // a batch waits for 300 ms
    const { telemetry } = await import(${JSON.stringify(REGISTER)});
    await telemetry.flush();
    process.stdout.write('callers: ' + [...callers].join('\\n') + '.\\n');
    server.close();
  });
`;

t.test('telemetry calls no timer, clock or JSON that was replaced after its start, and sends', async (t) => {
  const env = {
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    OTEL_SERVICE_NAME: 'replaced',
    DATA_DIR: t.testdir(),
    TRACE_CONSOLE: 'true',
    TRACE_CODE_LOCATIONS: 'true',
    ELSEWHERE: receiver.url,
  };
  const child = startNode(
    'packages/telemetry',
    ['--import', REGISTER, '--input-type=module', '--eval', APP],
    env,
  );
  t.teardown(() => child.stop('SIGKILL'));
  t.equal(await child.exited, 0, child.output());
  t.match(child.output(), 'callers: .\n');
  const spans = receiver.spans().filter(({ attributes }) => attributes['url.path'] === '/replaced');
  t.equal(spans.filter(({ kind }) => kind === 'SERVER').length, 2, child.output());
});
