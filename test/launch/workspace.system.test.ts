import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { readSettings } from '@tandem/telemetry';
import type { Test } from 'tap';
import t from 'tap';
import { ExplorerClient } from '../../packages/trace-explorer/src/core/command/client/explorer-client.ts';
import { environmentFor } from '../../packages/trace-explorer/src/parts/run/command/environment.ts';
import { grpcPortOf, localUrl, portOf, readAddresses } from '../../scripts/lib/addresses.ts';
import { checkPorts, isFree } from '../../scripts/lib/check-ports.ts';
import { readDotEnv } from '../../scripts/lib/dot-env.ts';
import { summarize } from '../../scripts/lib/load/summary.ts';
import { plannedRequest, SLOW_USER } from '../../scripts/lib/load/traffic.ts';
import { COMPILE_CACHE } from '../../scripts/lib/processes/compile-cache.ts';
import type { Part } from '../../scripts/lib/processes/run-part.ts';
import { runPart } from '../../scripts/lib/processes/run-part.ts';
import { supervise } from '../../scripts/lib/processes/supervise.ts';
import { workspaceProcesses } from '../../scripts/lib/workspace.ts';
import { COMMANDS } from '../helpers/launch/commands.ts';
import { freePort, ROOT } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

const GITPOD = {
  EXPLORER_URL: 'https://4319-tandem.ws-eu1.gitpod.io',
  BACKEND_URL: 'https://4567-tandem.ws-eu1.gitpod.io',
};

t.test("a proxy's addresses say who is let in, not where the processes listen", async (t) => {
  const addresses = readAddresses(GITPOD);
  t.equal(portOf(addresses, 'page'), 4319);
  t.equal(localUrl(addresses, 'api'), 'http://localhost:4567');
  const [explorer, , api] = workspaceProcesses(addresses, GITPOD, true);
  t.match(explorer?.environment, {
    PORT: '4319',
    BACKEND_URL: GITPOD.BACKEND_URL,
    EXPLORER_SERVICES: 'activities-api=http://localhost:4567,user-lookup=http://localhost:4568',
  });
  t.match(api, { environment: { PORT: '4567', EXPLORER_URL: 'http://localhost:4319' } });
  t.match(api, { readyUrl: 'http://localhost:4567/health/ready' });
  const own = portOf(readAddresses({ FRONTEND_URL: 'http://localhost:3000' }), 'page');
  t.equal(own, 4319, 'a frontend of the learner’s own does not move the page');
  t.equal(portOf(readAddresses({ EXPLORER_URL: 'http://127.0.0.1:8080' }), 'page'), 8080);
  t.throws(() => readAddresses({ BACKEND_URL: 'localhost:4567' }), /^BACKEND_URL must be a URL like http/);
});

t.test('a part starts again after a change in any package of the workspace that it loads', async (t) => {
  const parts = workspaceProcesses(readAddresses({}), {}, true);
  const watched = (name: string) =>
    parts.find((part) => part.name === name)?.watched?.map((path) => relative(ROOT, path));
  for (const name of ['otlp', 'service-kit', 'telemetry'])
    t.ok(watched('activities-api')?.includes(join('packages', name, 'src')), name);
  t.ok(watched('explorer')?.includes(join('packages', 'telemetry', 'src')));
  t.notOk(watched('explorer')?.includes(join('services', 'user-lookup', 'src')));
});

t.test(
  'under run, a dev that is told where spans go sends them there, and else to the explorer of run',
  async (t) => {
    const facts = {
      id: 'a',
      cwd: ROOT,
      head: {},
      command: 'test',
      uses: 'uses',
      spool: 'spool',
      profile: false,
    };
    const target = {
      client: new ExplorerClient('http://localhost:4319'),
      endpoint: 'http://localhost:4318',
      token: 'a-token',
    };
    const ofRun = environmentFor(target, facts);
    for (const [given, port, token] of [
      [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, 5555, false],
      [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:5556' }, 5556, false],
      [{}, 4318, true],
    ] as const) {
      const env = { ...ofRun, ...given, OTLP_PORT: '5555' };
      const [, service] = workspaceProcesses(readAddresses(env), env, true);
      const { destinations, logs } = readSettings(service?.environment ?? {}, {});
      for (const { url, headers } of [...destinations, ...logs.destinations]) {
        t.equal(new URL(url).port, String(port), url);
        t.equal('authorization' in headers, token, 'the token is of the explorer of run');
      }
    }
  },
);

t.test('two parts on one port are refused before anything starts', async (t) => {
  const url = `http://localhost:${await freePort()}`;
  const addresses = readAddresses({
    EXPLORER_URL: url,
    BACKEND_URL: url,
    OTLP_PORT: String(await freePort()),
  });
  const userLookup = new URL(`http://localhost:${await freePort()}`);
  await t.rejects(
    checkPorts({ ...addresses, userLookup }, undefined),
    /explorer and activities-api would both use port \d+: set BACKEND_URL/,
  );
  const grpcPort = portOf(addresses, 'otlp');
  await t.rejects(
    checkPorts({ ...addresses, userLookup }, grpcPort),
    /explorer and explorer would both use port \d+: set OTLP_GRPC_PORT=<another port, or off>/,
  );
  t.equal(grpcPortOf({}), 4317);
  for (const OTLP_GRPC_PORT of ['off', '0']) t.equal(grpcPortOf({ OTLP_GRPC_PORT }), undefined);
});

t.test("under dev the rate limit does not meet the developer's own load", async (t) => {
  const limitOf = (env: Record<string, string>, watch: boolean) =>
    workspaceProcesses(readAddresses(env), env, watch).at(-1)?.environment.RATE_LIMIT_MAX;
  t.ok(Number(limitOf({}, true)) > 500 * 60, 'what `load` sends at most');
  t.equal(limitOf({ RATE_LIMIT_MAX: '5' }, true), '5');
  t.equal(limitOf({}, false), '', "the service's own limit");
});

t.test('a .env is UTF-8, with a byte order mark or without, or an error says what to do', async (t) => {
  const text = 'HONEYCOMB_API_KEY=a\r\nLOG_LEVEL=warn\r\n';
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
  const mixed = Buffer.concat([Buffer.from('PORT=1\n'), Buffer.from(text, 'utf16le')]);
  const directory = t.testdir({ plain: text, bom: `\ufeff${text}`, utf16, mixed, folder: {} });
  for (const name of ['plain', 'bom']) t.equal(readDotEnv(join(directory, name)), text, name);
  for (const name of ['utf16', 'mixed'])
    t.throws(() => readDotEnv(join(directory, name)), new RegExp(`${name} is not UTF-8\\. Save it as UTF-8`));
  t.throws(() => readDotEnv(join(directory, 'folder')), /folder cannot be read: .*cp \.env\.example \.env/);
  t.equal(readDotEnv(join(directory, 'none')), undefined);
});

t.test(
  'tandem: runs from any folder with Node alone, adds nothing, and tells what to type there',
  async (t) => {
    const run = (args: readonly string[]) =>
      spawnSync(process.execPath, args, { cwd: join(ROOT, 'services', 'user-lookup'), encoding: 'utf8' });
    const help = run(['../../tandem', 'trace', '--help']);
    t.match(help, { status: 0, stderr: '', stdout: /^Shows a trace[\s\S]*node \.\.\/\.\.\/tandem trace ID/ });
    const unknown = run(['../../tandem', 'tarce']);
    t.match(unknown, {
      status: 2,
      stdout: '',
      stderr: /no command "tarce"[\s\S]*\n {2}trace {2,}prints the newest trace/,
    });
  },
);

/** What loads `.env` of the folder that it lies in. */
const LOADER = [
  'scripts/lib/with-dot-env.ts',
  'scripts/lib/dot-env.ts',
  'tools/root.ts',
  'scripts/lib/processes/loopback.ts',
];

t.test('commands find an explorer that .env has moved', async (t) => {
  const EXPLORER_URL = `http://localhost:${await freePort()}`;
  const root = t.testdir({ '.env': `EXPLORER_URL=${EXPLORER_URL}\n` });
  for (const file of LOADER) cpSync(join(ROOT, file), join(root, file));
  for (const name of ['trace', 'logs']) {
    const words = COMMANDS[name]?.runs?.split(' ').slice(1) ?? [];
    const placeOf = (word: string) => join(LOADER.includes(join(word)) ? root : ROOT, word);
    const args = words.map((word) => (existsSync(join(ROOT, word)) ? placeOf(word) : word));
    const run = (env: NodeJS.ProcessEnv) =>
      spawnSync(process.execPath, args, { cwd: tmpdir(), encoding: 'utf8', env });
    const { stderr } = run({ PATH: process.env.PATH });
    t.match(stderr, `No trace explorer answers at ${EXPLORER_URL}, which EXPLORER_URL names.`, name);
    const other = 'http://localhost:1';
    const shell = run({ PATH: process.env.PATH, EXPLORER_URL: other });
    t.match(
      shell.stderr,
      `No trace explorer answers at ${other}, which EXPLORER_URL names.`,
      `${name}: what the shell has set wins`,
    );
  }
});

t.test('a port that another program has on IPv6 only is not free', async (t) => {
  const server = createServer();
  server.listen(0, '::1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  t.notOk(await isFree(port), 'a browser would ask that program for http://localhost');
  t.ok(await isFree(await freePort()));
});

/** A part that is ready at once, and the lines about it. */
async function supervised(t: Test, script: string) {
  const directory = t.testdir({ 'server.mjs': script });
  const port = await freePort();
  const part: Part = {
    name: 'server',
    directory,
    // The process prints its id: the test kills the present process.
    arguments: ['--import', 'data:text/javascript,console.log(process.pid)', 'server.mjs'],
    environment: { PORT: String(port) },
    readyUrl: `http://127.0.0.1:${port}`,
    watched: [directory],
  };
  const said: string[] = [];
  const pids: number[] = [];
  const supervisor = supervise([part], (_, line) => {
    if (/^\d+$/.test(line)) pids.push(Number(line));
    else said.push(stripVTControlCharacters(line));
  });
  t.teardown(() => supervisor.stop());
  await supervisor.ready;
  return { said, directory, kill: () => process.kill(pids.at(-1) ?? 0, 'SIGKILL') };
}

const SERVER = `
  import { createServer } from 'node:http';
  createServer((_request, response) => response.end()).listen(Number(process.env.PORT), '127.0.0.1');
`;

t.test('a start takes the code that an earlier one compiled, and runs where none can be kept', async (t) => {
  const directory = t.testdir({
    'a.mjs': `console.log((await import('node:module')).getCompileCacheDir() ?? 'nowhere')`,
  });
  const [kept, impossible] = ['kept', 'a.mjs/kept'].map((name) => join(directory, name));
  for (const [environment, where] of [
    [{}, COMPILE_CACHE],
    [{ NODE_COMPILE_CACHE: kept }, kept],
    [{ NODE_COMPILE_CACHE: impossible }, 'nowhere'],
  ] as const) {
    const said: string[] = [];
    const part = { name: 'a', directory, arguments: ['a.mjs'], environment, readyUrl: 'http://127.0.0.1:1' };
    const { code } = await runPart(part, (line) => said.push(line)).ended;
    t.equal(code, 0);
    t.match(said.join(), where);
  }
});

t.test('a killed part is started again, and a line says so', async (t) => {
  const { said, kill } = await supervised(t, SERVER);
  kill();
  await until(() => said.length === 2, { what: () => said.join('\n') });
  t.strictSame(said, ['ended (SIGKILL): starting again', 'ready again']);
});

t.test('the other parts are started when the first is ready', async (t) => {
  const directory = t.testdir({
    'server.mjs': `
      import { createServer } from 'node:http';
      console.log('started');
      const server = createServer((_request, response) => {
        console.log('ready');
        response.end();
      });
      setTimeout(() => server.listen(Number(process.env.PORT), '127.0.0.1'), Number(process.env.DELAY_MS));
    `,
  });
  const part = async (name: string, delayMs: string): Promise<Part> => {
    const port = String(await freePort());
    const environment = { PORT: port, DELAY_MS: delayMs };
    return { name, directory, arguments: ['server.mjs'], environment, readyUrl: `http://127.0.0.1:${port}` };
  };
  const said: string[] = [];
  const supervisor = supervise([await part('explorer', '300'), await part('service', '0')], (prefix, line) =>
    said.push(`${stripVTControlCharacters(prefix).split(' ')[0]} ${line}`),
  );
  t.teardown(() => supervisor.stop());
  await supervisor.ready;
  await until(() => said.length === 4, { what: () => said.join() });
  t.strictSame(said, ['explorer started', 'explorer ready', 'service started', 'service ready']);
});

t.test('a process stopped during its start gets no health check', async (t) => {
  const port = await freePort();
  const directory = t.testdir({
    'server.mjs': `
      import { createServer } from 'node:http';
      let stopping = false;
      const server = createServer((_request, response) => {
        console.log(stopping ? 'asked too late' : 'asked');
        response.writeHead(503).end();
      });
      server.listen(${port}, '127.0.0.1');
      process.on('SIGTERM', () => {
        stopping = true;
        setTimeout(() => process.exit(), 500);
      });
    `,
  });
  const said: string[] = [];
  const readyUrl = `http://127.0.0.1:${port}`;
  const spec = { name: 'server', directory, arguments: ['server.mjs'], environment: {}, readyUrl };
  const server = runPart(spec, (line) => said.push(line));
  await until(() => said.length > 0, { what: () => 'it is asked' });
  await server.stop();
  t.notMatch(said.join(), 'too late');
});

t.test('the start waits for a slow process, and says why it gave up', async (t) => {
  let isReady = false;
  const server = createHttpServer((_request, response) => {
    const problem = { title: 'Not ready', detail: 'The database does not answer.' };
    response.writeHead(isReady ? 200 : 503).end(JSON.stringify(isReady ? {} : problem));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const { port } = server.address() as AddressInfo;
  const readyUrl = `http://127.0.0.1:${port}/health/ready`;
  const directory = t.testdir({ 'idle.mjs': 'setInterval(() => {}, 1000);' });
  const spec = { name: 'server', directory, arguments: ['idle.mjs'], environment: {}, readyUrl };
  const start = (limitMs: number) => {
    const run = runPart(spec, () => {}, limitMs);
    t.teardown(() => run.stop());
    return run;
  };
  const reason = `${readyUrl} answers 503, The database does not answer`;
  t.equal(await start(1000).ready, `was not ready within 1 s: ${reason}.`);
  const slow = start(20_000);
  isReady = true;
  t.equal(await slow.ready, undefined);
});

t.test('a part that ends before it is ready is started again when a file changes', async (t) => {
  const { said, directory, kill } = await supervised(t, SERVER);
  writeFileSync(join(directory, 'server.mjs'), 'process.exit(3);');
  await until(() => said.at(-1) === 'ended (exit code 3): it restarts when a file changes', {
    what: () => said.join('\n'),
  });
  t.throws(kill, 'no process is left');
  writeFileSync(join(directory, 'server.mjs'), SERVER);
  await until(() => said.at(-1) === 'ready again', { what: () => said.join('\n') });
});

t.test('a replaced file is still watched', async (t) => {
  const { said, directory } = await supervised(t, SERVER);
  const file = join(directory, 'a.ts');
  const edits = [
    () => writeFileSync(file, '0'),
    () => replace(file, '1'), // as git checkout, sed -i and safe writes of editors do
    () => replace(file, '22'),
    () => writeFileSync(file, '333'),
    () => {
      mkdirSync(join(directory, 'new'));
      writeFileSync(join(directory, 'new', 'b.ts'), '');
    },
  ];
  const isReadyAgain = (times: number) => said.filter((line) => line === 'ready again').length === times;
  for (const [index, edit] of edits.entries()) {
    edit();
    await until(() => isReadyAgain(index + 1), { what: () => `edit ${index} is seen: ${said.join('\n')}` });
  }
});

function replace(path: string, content: string): void {
  writeFileSync(`${path}~`, content);
  renameSync(`${path}~`, path);
}

t.test('load sends requests of several users, one of them slow, and sums up the answers', async (t) => {
  const planned = Array.from({ length: 1000 }, (_, n) => plannedRequest(n, 'load-1'));
  const delayed = planned.filter(({ headers }) => headers['tandem.fault']?.includes('delay'));
  t.ok(delayed.length > 80);
  t.ok(delayed.every(({ user }) => user === SLOW_USER));
  t.match(planned[0]?.headers, { baggage: 'user.id=andrewbrown,tandem.scenario=load-1' });

  const outcomes = Array.from({ length: 100 }, (_, n) => ({
    user: n < 10 ? SLOW_USER : 'data',
    status: n === 99 ? '503' : n === 98 ? '404' : '200',
    durationMs: 100 - n,
  }));
  t.strictSame(summarize(outcomes, 10, 'http://localhost:4567'), [
    '100 requests in 10.0 s to http://localhost:4567, 10.0 a second',
    '  answers    98 × 200, 1 × 404, 1 × 503 (404: @nobody-has-this-handle)',
    '  durations  P50 50.5 ms · P90 90.1 ms · P99 99.0 ms · longest 100 ms',
    `  by user    ${SLOW_USER} P50 95.5 ms, everybody else P50 45.5 ms`,
  ]);
});
