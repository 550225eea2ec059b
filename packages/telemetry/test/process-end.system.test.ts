import t from 'tap';
import { untilOutput } from '../../../test/helpers/processes.ts';
import { until } from '../../../test/helpers/until.ts';
import { logLines, runTraced, sendLeftovers, startTraced } from './child-process.ts';
import { startReceiver } from './receiver.ts';

// Each test is a process or two, which mostly wait.
t.jobs = 3;

/** Batches wait in memory for a minute, so the hook under test sends all spans that arrive. */
const SLOW = { OTEL_BSP_SCHEDULE_DELAY: '60000' };
const NOWHERE = { ...SLOW, OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' };

const receiver = await startReceiver(t);
const toReceiver = { ...SLOW, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
const received = (name: string) => receiver.spans().filter((span) => span.name === name).length;

t.test('a process that runs out of work sends its last spans first', async (t) => {
  const child = await runTraced(t, `withSpan('ran-out', {}, () => {});`, toReceiver);
  t.equal(received('ran-out'), 1);
  t.match(logLines(child).at(-1), { msg: /^Telemetry ended\. Spans for otlp: 1 sent/ });
});

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  t.test(`${signal} ends the process as ever, after its spans were sent`, async (t) => {
    const script = `withSpan('${signal}', {}, () => {}); setInterval(() => {}, 1000); console.log('ready');`;
    const child = startTraced(script, { ...toReceiver, DATA_DIR: t.testdir() });
    await untilOutput(child, 'ready');
    t.equal(await child.stop(signal), null);
    t.equal(child.child.signalCode, signal);
    t.equal(received(signal), 1);
  });
}

t.test('a signal ends the process as ever where telemetry fails meanwhile', async (t) => {
  const script = `setInterval(() => {}, 1000); delete Promise.withResolvers; console.log('ready');`;
  const child = startTraced(script, { ...toReceiver, DATA_DIR: t.testdir() });
  await untilOutput(child, 'ready');
  t.equal(await child.stop('SIGTERM'), null);
  t.equal(child.child.signalCode, 'SIGTERM');
});

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  t.test(`a service that sends itself ${signal} again, once it has closed, ends by ${signal}`, async (t) => {
    const script = `
      import { createServer } from 'node:http';
      const server = createServer().listen(0, '127.0.0.1', () => setTimeout(console.log, 500, 'ready'));
      const end = (signal) => {
        process.removeListener(signal, end);
        server.close(() => process.kill(process.pid, signal));
      };
      process.on('${signal}', end);
    `;
    const child = startTraced(script, { ...toReceiver, DATA_DIR: t.testdir() });
    await untilOutput(child, 'ready');
    t.equal(await child.stop(signal), null);
    t.equal(child.child.signalCode, signal);
  });

t.test('spans so far are sent at a signal that the service handles', async (t) => {
  const script = `
    withSpan('before a signal', {}, () => {});
    setInterval(() => {}, 1000);
    process.once('SIGTERM', () => {});
    console.log('ready');
  `;
  const child = startTraced(script, { ...toReceiver, DATA_DIR: t.testdir() });
  await untilOutput(child, 'ready');
  child.child.kill('SIGTERM');
  await until(() => received('before a signal') === 1);
  t.equal(await child.stop('SIGTERM'), null, 'the second ends it, because nobody handles it any more');
});

t.test('a service that listens for a signal itself ends the process; unsent spans are kept', async (t) => {
  const directory = t.testdir();
  const script = `
    process.on('SIGTERM', () => { withSpan('in charge', {}, () => {}); process.exit(7); });
    setInterval(() => {}, 1000);
    console.log('ready');
  `;
  const child = startTraced(script, { ...NOWHERE, DATA_DIR: directory });
  await untilOutput(child, 'ready');
  t.equal(await child.stop('SIGTERM'), 7);
  t.match(logLines(child).at(-1), { msg: /^Telemetry ended\. .* 1 kept on disk for the next start/ });
  await sendLeftovers({ ...toReceiver, DATA_DIR: directory });
  t.equal(received('in charge'), 1);
});

for (const [how, statement] of [
  ['exception', `throw new Error('boom')`],
  ['rejection', `Promise.reject(new Error('boom'))`],
] as const) {
  t.test(`an uncaught ${how} is logged, the spans are sent, exit 1`, async (t) => {
    const script = `withSpan('${how}', {}, () => {}); setTimeout(() => { ${statement}; }, 10);`;
    const child = await runTraced(t, script, toReceiver, 1);
    t.equal(received(how), 1);
    // The error is on standard error, other lines are on standard output, so the order of reading is unknown.
    t.match(
      logLines(child).toSorted((a, b) => a.level.localeCompare(b.level)),
      [
        { level: 'error', msg: /^Uncaught exception: the last spans go out/, err: { message: 'boom' } },
        {},
        { msg: /^Telemetry ended/ },
      ],
    );
  });
}

for (const [what, statements] of [
  ['a call that this Node lacks', `delete Promise.withResolvers; throw new Error('boom');`],
  ['the logger', `telemetry.log.error = () => { throw new Error('no log'); }; throw new Error('boom');`],
  [
    'the error',
    `throw { get [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('unreadable'); } };`,
  ],
  ['the error once more', `setInterval(() => { throw new Error('boom'); }, 5);`],
  [
    'the disk at the end',
    `process.exit = ((exit) => (code) => { delete Array.prototype.filter; exit(code); })(process.exit); throw new Error('boom');`,
  ],
] as const) {
  t.test(`an uncaught error ends the process once, also where ${what} throws meanwhile`, async (t) => {
    const script = `
      const { telemetry } = await import('./test/fixtures/register.ts');
      withSpan('thrown within', {}, () => {});
      setTimeout(() => { ${statements} }, 10);
      setInterval(() => {}, 1000);
    `;
    const child = await runTraced(t, script, toReceiver, 1);
    const said = logLines(child).filter(({ msg }) => msg.startsWith('Uncaught exception'));
    t.ok(said.length <= 1, child.output());
  });
}

t.test('Node shows the stack of an uncaught error, and no line of code that did not throw it', async (t) => {
  const script = `setTimeout(() => { throw Object.assign(new TypeError('boom'), { code: 'OWN' }); }, 10);`;
  const child = await runTraced(t, script, { ...toReceiver, OTEL_LOG_LEVEL: 'none' }, 1);
  const [first = '', second = '', ...rest] = child.output().trimStart().split('\n');
  t.equal(first, 'TypeError: boom');
  t.match(second, /^ +at /);
  t.match(rest.join('\n'), "code: 'OWN'");
  t.notMatch(child.output(), 'process-end');
});

t.test('a service that handles uncaught exceptions itself ends the process', async (t) => {
  const script = `
    process.on('uncaughtException', () => { console.log('handled'); setTimeout(() => process.exit(5), 10); });
    setTimeout(() => { throw new Error('boom'); }, 10);
  `;
  const child = await runTraced(t, script, toReceiver, 5);
  t.match(child.output(), 'handled');
  t.notMatch(child.output(), 'the last spans go out');
});

t.test('process.exit() just after another line of telemetry still logs the end', async (t) => {
  const script = `
    import { diag } from '@opentelemetry/api';
    withSpan('cut short', {}, () => {});
    diag.error('just before');
    process.exit(3);
  `;
  const child = await runTraced(t, script, NOWHERE, 3);
  t.match(
    logLines(child)
      .slice(-2)
      .map(({ msg }) => msg),
    [/just before/, /^Telemetry ended/],
  );
});

t.test('an uncaught exception in a thread is told to its owner, and no span is lost', async (t) => {
  const directory = t.testdir();
  const thread = `
    const { withSpan } = await import('@tandem/telemetry');
    withSpan('in a thread', {}, () => {});
    throw new Error('boom');
  `;
  const script = `
    import { Worker } from 'node:worker_threads';
    const thread = new Worker(${JSON.stringify(thread)}, { eval: true });
    thread.once('error', ({ message }) => console.log('heard of', message));
  `;
  const child = await runTraced(t, script, { ...toReceiver, DATA_DIR: directory });
  t.match(child.output(), 'heard of boom');
  await sendLeftovers({ ...toReceiver, DATA_DIR: directory });
  t.equal(received('in a thread'), 1);
});

t.test('a thread that blocks and is ended by its owner loses no span, and sends none twice', async (t) => {
  const directory = t.testdir();
  const thread = `
    const { parentPort } = await import('node:worker_threads');
    const { withSpan } = await import('@tandem/telemetry');
    const cell = new Int32Array(new SharedArrayBuffer(4));
    for (let task = 0; task < 3; task++) {
      withSpan('task of a thread', {}, () => {});
      Atomics.wait(cell, 0, 0, 5);
    }
    withSpan('last task of a thread', {}, () => {});
    parentPort.postMessage('done');
    Atomics.wait(cell, 0, 0);
  `;
  const script = `
    import { Worker } from 'node:worker_threads';
    const thread = new Worker(${JSON.stringify(thread)}, { eval: true });
    thread.once('message', () => setTimeout(() => thread.terminate(), 100));
  `;
  await runTraced(t, script, { ...toReceiver, DATA_DIR: directory });
  await sendLeftovers({ ...toReceiver, DATA_DIR: directory });
  t.equal(received('task of a thread'), 3);
  t.equal(received('last task of a thread'), 1);
});
