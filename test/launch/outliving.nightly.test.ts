import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { freePort, ROOT, startNode } from '../helpers/processes.ts';
import { refuses } from '../helpers/refuses.ts';
import { until } from '../helpers/until.ts';

const SERVER = `
  import { createServer } from 'node:http';
  createServer((_request, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1');
`;

/** Supervises one server, as \`pnpm dev\` does, and says when it is ready. */
const STARTER = `
  import { supervise } from ${JSON.stringify(join(ROOT, 'scripts/lib/processes/supervise.ts'))};
  const supervisor = supervise([{
    name: 'server',
    directory: import.meta.dirname,
    arguments: [import.meta.dirname + '/server.mjs'],
    environment: process.env,
    readyUrl: 'http://127.0.0.1:' + process.env.PORT,
    ...(process.env.WATCH && { watched: [import.meta.dirname] }),
  }], (_, line) => console.log(line));
  await supervisor.ready;
  console.log('ready');
`;

/** Ends in the middle of starting a group: right after the start of the second process. */
const CUT_OFF_STARTER = `
  import { supervise } from ${JSON.stringify(join(ROOT, 'scripts/lib/processes/supervise.ts'))};
  const server = {
    name: 'server',
    directory: import.meta.dirname,
    arguments: [import.meta.dirname + '/server.mjs'],
    environment: process.env,
    readyUrl: 'http://127.0.0.1:' + process.env.PORT,
  };
  const second = { ...server, environment: { ...process.env, PORT: '0' } };
  const third = { ...server, get environment() { return process.kill(process.pid, process.env.SIGNAL); } };
  supervise([server, second, third], console.log);
`;

for (const watch of ['', 'yes']) {
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    t.test(`processes${watch && ' that are watched'} end with their starter's ${signal}`, async (t) => {
      const directory = t.testdir({ 'server.mjs': SERVER, 'starter.mjs': STARTER });
      const port = await freePort();
      const starter = startNode(relative(ROOT, directory), ['starter.mjs'], {
        PORT: String(port),
        WATCH: watch,
      });
      t.teardown(() => starter.stop('SIGKILL'));
      await until(() => starter.output().includes('ready'), { what: starter.output });
      if (watch) {
        // Another process than at the start is the one that must end.
        writeFileSync(join(directory, 'server.mjs'), `${SERVER}// changed`);
        await until(() => starter.output().includes('ready again'), { what: starter.output });
      }
      starter.child.kill(signal);
      await until(() => refuses(port), { what: 'the server is gone' });
      t.pass();
    });
  }
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  t.test(`parts that are being started when ${signal} comes leave nothing behind`, async (t) => {
    const directory = t.testdir({ 'server.mjs': SERVER, 'starter.mjs': CUT_OFF_STARTER });
    const port = await freePort();
    const env = { PORT: String(port), SIGNAL: signal };
    const starter = startNode(relative(ROOT, directory), ['starter.mjs'], env);
    await starter.exited;
    await until(async () => !(await commands()).includes(directory), { what: 'the server is gone' });
    t.pass();
  });
}

/** The command lines of everything that runs. */
async function commands(): Promise<string> {
  return (await promisify(execFile)('ps', ['-A', '-o', 'args='], { maxBuffer: 64 * 1024 * 1024 })).stdout;
}
