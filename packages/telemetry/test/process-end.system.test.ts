import t from 'tap';
import { IS_NIGHT } from '../../../test/helpers/nightly.ts';
import { startNode, untilOutput } from '../../../test/helpers/processes.ts';
import { until } from '../../../test/helpers/until.ts';
import {
  distinct,
  filesOf,
  logLines,
  NOBODY,
  runTraced,
  sendLeftovers,
  startTraced,
} from './child-process.ts';
import { startReceiver } from './receiver.ts';

// At night too: with every signal, and every value and moment of a crash.

// Each test is a process or two, which mostly wait; on a busy machine many of them.
t.jobs = 3;
t.setTimeout(600_000);

/** Batches wait in memory for a minute, so the hook under test sends all spans that arrive. */
const SLOW = { OTEL_BSP_SCHEDULE_DELAY: '60000' };
const NOWHERE = { ...SLOW, OTEL_EXPORTER_OTLP_ENDPOINT: NOBODY };

const receiver = await startReceiver(t);
const toReceiver = { ...SLOW, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
const received = (name: string) => distinct(receiver.spans()).filter((span) => span.name === name).length;

/** Ends of a process, with the exit code. */
const ENDS: Readonly<Record<string, readonly [statements: string, code: number]>> = {
  'runs out of work': ['', 0],
  'calls process.exit()': ['process.exit(3);', 3],
  'throws and nobody handles it': [`setTimeout(() => { throw new Error('boom'); }, 10);`, 1],
  'waits for a promise that nobody settles': ['await new Promise(() => {});', 13],
};

for (const [how, [statements, code]] of Object.entries(ENDS)) {
  t.test(
    `a process that ${how} sends its last spans before its end, or keeps them, and says which`,
    async (t) => {
      const env = { ...toReceiver, DATA_DIR: t.testdir() };
      const child = startTraced(`withSpan(${JSON.stringify(how)}, {}, () => {}); ${statements}`, env);
      t.equal(await child.exited, code, child.output());
      // A busy machine may leave no time: then the spans stay on disk.
      const isSent = filesOf(env.DATA_DIR).length === 0;
      if (!isSent) await sendLeftovers(env);
      t.equal(received(how), 1);
      const said = isSent ? /Spans for otlp: 1 sent/ : /0 sent, 1 kept on disk/;
      t.ok(
        logLines(child).some(({ msg }) => said.test(msg)),
        child.output(),
      );
    },
  );
}

t.test('files of earlier processes go out with the last spans, or stay for the next process', async (t) => {
  const directory = t.testdir();
  const script = `withSpan('of an earlier one', {}, () => {});`;
  await runTraced(t, script, { ...NOWHERE, DATA_DIR: directory });
  t.equal(filesOf(directory).length, 1);
  const env = { ...toReceiver, DATA_DIR: directory };
  await runTraced(t, '', env);
  // A busy machine may leave no time.
  if (filesOf(directory).length > 0) await sendLeftovers(env);
  t.equal(received('of an earlier one'), 1);
  t.same(filesOf(directory), []);
});

t.test('last spans that the disk does not take are sent from memory, or said to be lost', async (t) => {
  const env = { ...toReceiver, DATA_DIR: t.testdir({ spool: 'no folder' }) };
  const child = startTraced(`withSpan('from memory', {}, () => {});`, env);
  t.equal(await child.exited, 0, child.output());
  // A busy machine may leave no time.
  const said = received('from memory') === 1 ? /Spans for otlp: 1 sent/ : /: 0 sent, .*lost: shutdown 1/;
  t.ok(
    logLines(child).some(({ msg }) => said.test(msg)),
    child.output(),
  );
});

for (const end of ['process.exit();', `process.kill(process.pid, 'SIGTERM'); setTimeout(() => {}, 60_000);`])
  t.test(`last spans that nobody takes, neither disk nor backend, count as lost: ${end}`, async (t) => {
    const env = { ...NOWHERE, OTEL_LOGS_EXPORTER: 'none', DATA_DIR: t.testdir({ spool: 'no folder' }) };
    const child = startTraced(`withSpan('nobody takes it', {}, () => {}); ${end}`, env);
    await child.exited;
    t.match(
      logLines(child).at(-1)?.msg,
      'Spans for otlp: 0 sent, 0 kept on disk for the next start, lost: shutdown 1.',
    );
  });

t.test('a process that may make no thread keeps its last spans on disk, and says so', async (t) => {
  const directory = t.testdir();
  const allowed = ['--permission', '--allow-fs-read=*', '--allow-fs-write=*', '--allow-net'];
  const isKnown = (option: string) => process.allowedNodeEnvironmentFlags.has(option.split('=')[0] ?? '');
  const env = { ...toReceiver, DATA_DIR: directory };
  const child = startTraced(`withSpan('no thread', {}, () => {});`, env, allowed.filter(isKnown));
  t.equal(await child.exited, 0, child.output());
  t.equal(received('no thread'), 0);
  t.match(child.output(), 'may make no thread');
  t.equal(filesOf(directory).length, 1);
});

t.test('where address space is limited no thread is made, and the last spans wait on disk', async (t) => {
  if (process.platform !== 'linux') return;
  const directory = t.testdir();
  const script = `
    import { execFileSync } from 'node:child_process';
    execFileSync('prlimit', ['--pid', String(process.pid), '--as=100000000000']);
    withSpan('no space', {}, () => {});
  `;
  const child = startTraced(script, { ...toReceiver, DATA_DIR: directory });
  t.equal(await child.exited, 0, child.output());
  t.equal(received('no space'), 0);
  t.match(child.output(), 'may make no thread');
  t.equal(filesOf(directory).length, 1);
});

t.test(
  'a listener of signals that hides, as that of tsx, ends the process as without telemetry',
  async (t) => {
    // As tsx has it: it ends the process where nobody else listens, and is not counted itself.
    const script = `
    const { listenerCount } = process;
    process.on('SIGTERM', () => {
      if (process.listenerCount('SIGTERM') === 0) process.exit(42);
    });
    process.listenerCount = function (...args) {
      return Reflect.apply(listenerCount, this, args) - 1;
    };
    withSpan('before SIGTERM', {}, () => {});
    setInterval(() => {}, 1000);
    console.log('ready');
  `;
    const child = startTraced(script, { ...toReceiver, DATA_DIR: t.testdir() });
    await until(() => child.output().includes('ready'), { what: child.output });
    t.equal(await child.stop('SIGTERM'), 42, child.output());
    t.equal(received('before SIGTERM'), 1);
  },
);

t.test('a backend that is away, or silent, keeps no process alive that has finished', async (t) => {
  const silent = await startReceiver(t);
  silent.answer = () => new Promise(() => {});
  for (const url of [NOBODY, silent.url]) {
    const directory = t.testdir();
    const script = `
      withSpan('sent to nobody', {}, () => {});
      setTimeout(() => {}, 1000);
      setTimeout(() => console.log('still here'), 4000).unref();
    `;
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: url, OTEL_BSP_SCHEDULE_DELAY: '10', DATA_DIR: directory };
    const child = startTraced(script, env);
    t.equal(await child.exited, 0, child.output());
    t.notMatch(child.output(), 'still here');
    t.equal(filesOf(directory).length, 1, 'the span is on disk');
  }
});

t.test('the end is the app’s own: beforeExit comes once, and nobody else hears of a crash', async (t) => {
  const script = `
    process.on('beforeExit', () => console.log('before the exit'));
    console.log('listeners', process.listenerCount('beforeExit'), process.listenerCount('uncaughtException'));
    withSpan('once', {}, () => {});
  `;
  const child = await runTraced(t, script, toReceiver);
  t.match(child.output(), 'listeners 1 0');
  t.equal(child.output().split('before the exit').length, 2);
});

const SIGNALS = IS_NIGHT ? (['SIGTERM', 'SIGINT'] as const) : (['SIGTERM'] as const);

for (const signal of SIGNALS) {
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

for (const signal of SIGNALS)
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

const UNCAUGHT = [
  ['exception', `throw Object.assign(new TypeError('boom'), { code: 'OWN' })`],
  ['rejection', `Promise.reject(new Error('boom'))`],
  ["'error' event", `new (require('node:events'))().emit('error', new Error('boom'))`],
  ['value that is no error', `throw { get a() { throw new Error('unreadable'); } }`],
] as const;
for (const [how, statement] of IS_NIGHT ? UNCAUGHT : UNCAUGHT.slice(0, 2)) {
  t.test(
    `Node tells of an uncaught ${how} in its own words, and nothing of the app runs after it`,
    async (t) => {
      const silent = await startReceiver(t);
      silent.answer = () => new Promise(() => {});
      const directory = t.testdir({
        'app.cjs': `
        const { trace } = require('@opentelemetry/api');
        trace.getTracer('app').startSpan('of a crash').end();
        setInterval(() => console.log('alive'), 5);
        setTimeout(() => { ${statement}; }, 1);
      `,
      });
      const run = async (...options: string[]) => {
        const reports = ['--report-uncaught-exception', `--report-directory=${directory}`];
        const app = `${directory}/app.cjs`;
        const child = startNode('packages/telemetry', [...options, ...reports, app], {
          ...SLOW,
          OTEL_LOG_LEVEL: 'none',
          OTEL_SERVICE_NAME: 'child',
          OTEL_EXPORTER_OTLP_ENDPOINT: silent.url,
          DATA_DIR: directory,
          NODE_PATH: `${import.meta.dirname}/../node_modules`,
        });
        t.equal(await child.exited, 1, child.output());
        return child.output().replace(/report\.\d\S*/g, 'REPORT');
      };
      const plain = await run();
      const traced = await run('--import', import.meta.resolve('../src/register.ts'));
      t.equal(traced.replaceAll('alive\n', ''), plain.replaceAll('alive\n', ''));
      t.notMatch(traced.slice(traced.indexOf('Node.js v')), 'alive');
      await sendLeftovers({ ...toReceiver, DATA_DIR: directory });
      t.equal(received('of a crash') > 0, true);
    },
  );
}

const MEANWHILE = [
  ['a call that this Node lacks', `delete Promise.withResolvers; throw new Error('boom');`],
  [
    'the error',
    `throw { get [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('unreadable'); } };`,
  ],
  ['the error once more', `setInterval(() => { throw new Error('boom'); }, 5);`],
  [
    'the disk at the end',
    `process.on('exit', () => {}); delete Array.prototype.filter; throw new Error('boom');`,
  ],
] as const;
for (const [what, statements] of IS_NIGHT ? MEANWHILE : MEANWHILE.slice(0, 2)) {
  t.test(`an uncaught error ends the process once, also where ${what} throws meanwhile`, async (t) => {
    const script = `
      withSpan('thrown within', {}, () => {});
      setTimeout(() => { ${statements} }, 10);
      setInterval(() => {}, 1000);
    `;
    const child = await runTraced(t, script, toReceiver, 1);
    t.equal(child.output().split('Node.js v').length, 2, child.output());
  });
}

t.test('a service that handles uncaught exceptions itself ends the process', async (t) => {
  const script = `
    process.on('uncaughtException', () => { console.log('handled'); setTimeout(() => process.exit(5), 10); });
    setTimeout(() => { throw new Error('boom'); }, 10);
  `;
  const child = await runTraced(t, script, toReceiver, 5);
  t.match(child.output(), 'handled');
  t.notMatch(child.output(), 'boom');
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
      .map(({ msg }) => msg)
      .filter((msg) => /just before|^Telemetry ended/.test(msg)),
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

t.test('a thread that blocks and is ended by its owner loses no span', async (t) => {
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
