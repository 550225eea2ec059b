import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import t from 'tap';
import { IS_NIGHT } from '../../../test/helpers/nightly.ts';
import { until } from '../../../test/helpers/until.ts';

// At night too: with every signal, every kind of uncaught error, and every failure at the start.

t.jobs = 4; // most of the time is spent waiting for processes

const fixture = fileURLToPath(import.meta.resolve('./fixture-service.ts'));

/** Starts the fixture as a process of its own. */
function start(t: Test, env: Record<string, string> = {}) {
  const child = spawn(process.execPath, [fixture], {
    env: { ...process.env, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    output.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output.err += chunk;
  });
  const closed = once(child, 'close');
  t.teardown(() => child.kill('SIGKILL'));
  return {
    child,
    output,
    exitCode: async () => (await closed)[0] as number | null,
    /** Resolves with what the pattern matched once the output has it. */
    async saw(pattern: RegExp): Promise<string> {
      const look = () => {
        const match = pattern.exec(output.out);
        if (match !== null) return match[1] ?? match[0];
        if (child.exitCode !== null) throw new Error(`ended before ${pattern}: ${output.out}${output.err}`);
        return undefined;
      };
      return until(look, { what: () => `${pattern} is printed. Output:\n${output.out}${output.err}` });
    },
  };
}

const LISTENING = /listening at (http:[^"]+)"/;

for (const signal of IS_NIGHT ? (['SIGTERM', 'SIGINT'] as const) : (['SIGTERM'] as const)) {
  t.test(`${signal}: an open request finishes, telemetry is flushed, exit 0`, async (t) => {
    const service = start(t);
    const url = await service.saw(LISTENING);
    const open = fetch(`${url}/api/wait`);
    await service.saw(/waiting/);
    service.child.kill(signal);
    const { status, headers } = await open;
    t.equal(status, 200);
    t.equal(headers.get('connection'), 'close', 'its connection is not waited for');
    t.equal(await service.exitCode(), 0);
    t.match(service.output.out, /app closed\n.*telemetry flushed/s);
    t.equal(service.output.out.match(/stopping: open/g)?.length, 1, 'each line is logged once');
  });
}

t.test('connections that wait to be taken at SIGTERM are answered', async (t) => {
  const service = start(t);
  const { port } = new URL(await service.saw(LISTENING));
  service.child.kill('SIGSTOP');
  const waiting = Array.from({ length: 50 }, async () => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('GET /health/live HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n');
    await once(socket, 'connect');
    return socket;
  });
  const sockets = await Promise.all(waiting);
  const answers = sockets.map((socket) => text(socket).catch(String));
  service.child.kill('SIGTERM');
  service.child.kill('SIGCONT');
  const statuses = (await Promise.all(answers)).map((answer) => answer.slice(0, 'HTTP/1.1 200'.length));
  t.same([...new Set(statuses)], ['HTTP/1.1 200']);
  t.equal(await service.exitCode(), 0);
});

for (const [how, callers, agent] of [
  ['connect for each request', 60, false],
  ['keep their connections, and are more than are answered', 150, new Agent({ keepAlive: true })],
] as const)
  t.test(`callers who ${how}: SIGTERM cuts none, and their next connections are refused`, async (t) => {
    const service = start(t);
    const { port } = new URL(await service.saw(LISTENING));
    const outcomes = new Map<string, number>();
    let isDone = false;
    const call = () =>
      new Promise<string>((resolve) => {
        get({ port, host: '127.0.0.1', path: '/api/work', agent }, (response) => {
          response.on('error', ({ message }) => resolve(message));
          response.resume().on('end', () => resolve(String(response.statusCode)));
        }).on('error', ({ code }: NodeJS.ErrnoException) => resolve(String(code)));
      });
    const lanes = Array.from({ length: callers }, async () => {
      for (let calls = 0; calls < 100_000 && !isDone; calls++) {
        const outcome = await call();
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        if (outcome === 'ECONNREFUSED') return;
      }
    });
    await until(() => (outcomes.get('200') ?? 0) > 200, { what: 'the callers are answered' });
    service.child.kill('SIGTERM');
    t.equal(await service.exitCode(), 0);
    isDone = true;
    await Promise.all(lanes);
    const cut = (outcomes.get('ECONNRESET') ?? 0) + (outcomes.get('aborted') ?? 0);
    t.ok(cut <= 5, `${cut} of ${callers} callers were cut`); // the kernel may take one in the moment in which the port closes
    t.equal(outcomes.get('ECONNREFUSED'), callers);
  });

t.test('a request that never ends is answered 503, a silent connection ends sooner, exit 0', async (t) => {
  const service = start(t);
  const { port } = new URL(await service.saw(LISTENING));
  const silent = connect(Number(port), '127.0.0.1');
  const endless = connect(Number(port), '127.0.0.1');
  endless.write(
    'POST /api/work HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
  );
  const ends: string[] = [];
  silent.resume().once('close', () => ends.push('silent'));
  const answer = text(endless).finally(() => ends.push('endless'));
  await fetch(`http://127.0.0.1:${port}/health/live`); // both have been taken
  service.child.kill('SIGTERM');
  t.match(await answer, /^HTTP\/1\.1 503 .*\r\nretry-after: 5\r\n.*connection: close\r\n.*shutting down/s);
  t.equal(await service.exitCode(), 0);
  t.same(ends, ['silent', 'endless']);
});

t.test('a second signal ends the process at once', async (t) => {
  const service = start(t, { RELEASE: join(t.testdir(), 'never') });
  const url = await service.saw(LISTENING);
  const open = fetch(`${url}/api/hold`).catch(() => {});
  await service.saw(/waiting/);
  service.child.kill('SIGINT');
  await service.saw(/stopping: open/);
  service.child.kill('SIGTERM');
  t.equal(await service.exitCode(), 1);
  await open;
});

for (const kind of IS_NIGHT ? ['throw', 'reject'] : ['throw']) {
  t.test(`an uncaught ${kind} is logged and flushed, exit 1`, async (t) => {
    const service = start(t);
    const url = await service.saw(LISTENING);
    await fetch(`${url}/api/${kind}`).catch(() => {});
    t.equal(await service.exitCode(), 1);
    t.match(service.output.out, /"level":"fatal".*out of nowhere/);
    t.match(service.output.out, /telemetry flushed/);
  });
}

if (IS_NIGHT)
  t.test('a flush that hangs does not keep a crashed process alive', async (t) => {
    const service = start(t, { HANG: 'true' });
    const url = await service.saw(LISTENING);
    await fetch(`${url}/api/throw`).catch(() => {});
    t.equal(await service.exitCode(), 1);
  });

t.test('a port in use is one line and exit 1', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const { port } = taken.address() as AddressInfo;
  const service = start(t, { PORT: String(port) });
  t.equal(await service.exitCode(), 1);
  t.equal(
    service.output.err,
    `listen EADDRINUSE: address already in use 127.0.0.1:${port}; see HOST, PORT and DATA_DIR.\n`,
  );
});

if (IS_NIGHT)
  t.test('a bad setting is one line and exit 1', async (t) => {
    const service = start(t, { PORT: 'eighty' });
    t.equal(await service.exitCode(), 1);
    t.equal(service.output.err, 'PORT must be a port from 0 to 65535, not "eighty".\n');
  });

t.test('a database that is away is one line and exit 1, without its password', async (t) => {
  const service = start(t, { DATABASE_URL: 'postgres://me:hunter2@127.0.0.1:1/db' });
  t.equal(await service.exitCode(), 1);
  t.equal(
    service.output.err,
    'The migration of the database fails: connect ECONNREFUSED 127.0.0.1:1; see DATABASE_URL.\n',
  );
});

if (IS_NIGHT)
  t.test('a database without the TLS that DATABASE_URL asks for is one line and exit 1', async (t) => {
    const server = createServer((socket) => socket.once('data', () => socket.write('N')));
    t.teardown(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    const service = start(t, {
      DATABASE_URL: `postgres://me:hunter2@127.0.0.1:${port}/db?sslmode=verify-full`,
    });
    t.equal(await service.exitCode(), 1);
    t.equal(
      service.output.err,
      'The migration of the database fails: The server does not support SSL connections; see DATABASE_URL.\n',
    );
  });

if (IS_NIGHT)
  t.test('a data directory that cannot be made is one line and exit 1', async (t) => {
    const service = start(t, { DATA_DIR: join(fixture, 'inside-a-file') });
    t.equal(await service.exitCode(), 1);
    t.match(
      service.output.err,
      /^The database [^\n]* cannot be opened: [^\n]*fixture-service\.ts[^\n]*\. Set DATA_DIR [^\n]*\n$/,
    );
  });
