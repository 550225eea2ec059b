import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, globSync, realpathSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../test/helpers/nightly.ts';
import { freePort, ROOT } from '../../../../../../test/helpers/processes.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import { ExplorerClient } from '../../../../src/core/command/client/explorer-client.ts';
import type { Place } from '../../../../src/core/live-explorers.ts';
import { beginCommandSpan } from '../../../../src/parts/run/command/command-span.ts';
import { telemetryFor } from '../../../../src/parts/run/command/environment.ts';
import { findExplorer } from '../../../../src/parts/run/command/target.ts';
import { appOf, nothingWrong, REQUIRE, runsIn } from '../../../core/command/run-command.ts';

// At night too: with every launcher and every signal.

// Each command is a process, some with an explorer of its own.
t.setTimeout(300_000);
const work = t.testdir({ 'package.json': '{}' });
const { start, startExplorer } = runsIn(work);
const { port, beside, spans } = await startExplorer(t);

const SPAN = {
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'work',
  status: { code: 2 },
};

/** Sends a failed span where the variables say. */
const SEND = `
  const time = Date.now() + '000000';
  const span = { ...${JSON.stringify(SPAN)}, startTimeUnixNano: time, endTimeUnixNano: time };
  const pairs = process.env.OTEL_RESOURCE_ATTRIBUTES.split(',').map((pair) => pair.split('='));
  const attributes = pairs.map(([key, stringValue]) => ({ key, value: { stringValue } }));
  const body = JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans: [{ spans: [span] }] }] });
  const headers = { 'content-type': 'application/json' };
  await fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/traces', { method: 'POST', headers, body });
`;

t.test(
  'a command gets the variables and its input, and its output and exit code are passed on',
  async (t) => {
    const script = `
    process.stdin.on('data', (text) => console.log(String(text), JSON.stringify(process.env)));
    process.stdin.on('end', () => process.exit(7));
  `;
    const { child, said, ended } = start(t, ['--', process.execPath, '-e', script], beside, {
      PORT: '4711',
      HOST: 'here',
    });
    child.stdin.end('hello');
    t.equal(await ended, 7, said.err);
    t.match(said.out, /^hello \{.*\}\n$/, 'nothing else on standard output');
    const env = JSON.parse(said.out.slice('hello '.length));
    t.match(env, {
      PORT: '4711',
      HOST: 'here',
      OTEL_EXPORTER_OTLP_ENDPOINT: /^http:\/\/localhost:\d+$/,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf',
      NODE_OPTIONS: /^--require "\/\S+\/preload\.cjs"$/,
      TANDEM_RUN_TELEMETRY: /^\/\S+\/telemetry\/(?:src\/register\.ts|register\.cjs)$/,
    });
    t.notOk('UV_THREADPOOL_SIZE' in env, 'no setting of the explorer itself');
    t.match(said.err, /^Tracing .* Page: http:\/\/localhost:\d+\nOTEL_TRACES_EXPORTER=none keeps /);
  },
);

/** What a shell has whose programs send to a vendor. */
const VENDOR = {
  OTEL_EXPORTER_OTLP_HEADERS: 'x-vendor=key',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://vendor.example/traces',
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'x-vendor=key',
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'grpc',
  OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: 'https://vendor.example/logs',
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: 'https://vendor.example/metrics',
  OTEL_CONFIG_FILE: '/vendor/config.yaml',
  OTEL_EXPERIMENTAL_CONFIG_FILE: '/vendor/config.yaml',
};

t.test('in the shell of a vendor every signal goes to the explorer, and no key with it', async (t) => {
  const print = ['--', process.execPath, '-p', 'JSON.stringify(process.env)'];
  for (const token of ['', 'a-token-of-32-characters-or-more--']) {
    const { said, ended } = start(t, print, token ? [] : beside, {
      ...VENDOR,
      ...(token && { EXPLORER_TOKEN: token }),
    });
    t.equal(await ended, 0, said.err);
    const env: Record<string, string> = JSON.parse(said.out);
    for (const signal of ['TRACES', 'LOGS', 'METRICS']) {
      const of = (name: string) => env[`OTEL_EXPORTER_OTLP_${signal}_${name}`];
      t.equal(of('ENDPOINT'), `${env.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/${signal.toLowerCase()}`);
      t.equal(of('HEADERS'), token && `authorization=Bearer%20${token}`);
      t.equal(of('PROTOCOL'), 'http/protobuf');
    }
    t.notMatch(JSON.stringify(env), /vendor/);
    t.match(said.err, /^OTEL_CONFIG_FILE .*\nOTEL_EXPERIMENTAL_CONFIG_FILE /m, 'the missing files are said');
  }
});

/** Answers each request as an explorer that says where to send; `asked` has the tokens that came. */
async function startAnswering(t: Test, body: object, { status = 200 } = {}) {
  const asked: (string | undefined)[] = [];
  const server = createServer(({ headers }, response) => {
    asked.push(headers.authorization);
    response.writeHead(headers.authorization ? 200 : status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ max_bytes: 1, ...body }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { asked, port: String((server.address() as AddressInfo).port) };
}

t.test('what answers on a port that nobody named gets no token', async (t) => {
  const own = await startAnswering(t, { otlp_endpoint: 'http://localhost:4318' });
  const far = await startAnswering(t, { otlp_endpoint: 'http://vendor.example:4318' });
  const asks = await startAnswering(t, { otlp_endpoint: 'http://localhost:4318' }, { status: 401 });
  const at = (by: Place['by']) => (port: string) => ({ url: `http://localhost:${port}`, by });
  const find = (ports: string[], by: Place['by'] = 'default') => findExplorer(ports.map(at(by)), 'secret');
  t.equal(await find([far.port]), undefined, 'spans stay on this machine');
  t.equal(await find([asks.port]), undefined, 'what asks for the token is named by its user');
  await t.rejects(find([asks.port], 'EXPLORER_URL'), { message: /asks for a token. .*--port/ });
  const found = await find([far.port, asks.port, own.port]);
  t.match(found, { endpoint: 'http://localhost:4318', token: undefined });
  await found?.client.ask('/api/traces');
  t.same(new Set([own, far, asks].flatMap(({ asked }) => asked)), new Set([undefined]));

  t.match(await find([asks.port], 'option'), { endpoint: 'http://localhost:4318', token: 'secret' });
  t.match(asks.asked.slice(-2), [undefined, 'Bearer secret'], 'it was asked for');
  t.equal(await find([far.port], 'option'), undefined);

  const live = { host: '127.0.0.1', port: Number(asks.port), store: '/data', folder: '/', since: 0 };
  for (const by of ['live', 'EXPLORER_URL'] as const) {
    const found = await findExplorer([{ ...at(by)(asks.port), live }], 'secret');
    t.match(found, { token: 'secret', store: '/data' }, 'an explorer has written down that it listens there');
  }
});

t.test('an EXPLORER_URL of nobody or of another machine is an error that names it', async (t) => {
  const other = await startAnswering(t, {});
  for (const [url, message] of [
    [`http://localhost:${await freePort()}`, /^EXPLORER_URL is \S+, where no trace explorer answers\./],
    [`http://localhost:${other.port}`, /^EXPLORER_URL is \S+, where no trace explorer answers\./],
    [
      'https://explorer.example',
      /^EXPLORER_URL is https:\/\/explorer\.example\/, and run sends spans only to/,
    ],
    ['nonsense', /^EXPLORER_URL is nonsense, and run sends/],
    ['http://me:hunter2@h', /^(?!.*hunter2)EXPLORER_URL is /],
  ] as const)
    await t.rejects(findExplorer([{ url, by: 'EXPLORER_URL' }], undefined), { message }, url);
});

t.test(
  "an app that does not name telemetry gets the explorer's copy, whatever its parents have",
  async (t) => {
    const parent = t.testdir({
      node_modules: {
        '@tandem': { telemetry: { 'package.json': '{"exports":{"./register":"./x.js"}}', 'x.js': '' } },
      },
      plain: { 'package.json': '{"dependencies":{"fastify":"5"}}', src: {} },
      own: { 'package.json': '{"dependencies":{"@tandem/telemetry":"1"}}', src: {} },
      lost: { 'package.json': '{}' },
    });
    const x = realpathSync(join(parent, 'node_modules/@tandem/telemetry/x.js'));
    t.equal(telemetryFor(join(parent, 'own/src')), x);
    for (const folder of ['plain/src', 'plain', 'lost'])
      t.match(
        telemetryFor(join(parent, folder)),
        /\/telemetry\/(?:src\/register\.ts|register\.cjs)$/,
        folder,
      );
  },
);

t.test('in each folder of the workspace `run` loads what traces any process', async (t) => {
  const manifests = globSync(['package.json', '{packages,services}/*/package.json'], { cwd: ROOT });
  t.ok(manifests.length > 4);
  for (const manifest of manifests)
    t.match(
      telemetryFor(dirname(join(ROOT, manifest))),
      /\/telemetry\/(?:src\/register\.ts|register\.cjs)$/,
      manifest,
    );
});

t.test(
  'commit and branch are in the resource of what the command sends; a name stands for the commit',
  async (t) => {
    const print = ['--', process.execPath, '-p', 'process.env.OTEL_RESOURCE_ATTRIBUTES'];
    const attributesOf = async (name: readonly string[], env: object = {}) => {
      const { said, ended } = start(t, print, [...beside, ...name], { GITHUB_REF_NAME: 'main', ...env });
      t.equal(await ended, 0, said.err);
      return said.out;
    };
    const named = ['--name', 'feat/a b'];
    t.match(
      await attributesOf(named),
      /^vcs\.ref\.head\.revision=feat%2Fa%20b,vcs\.ref\.head\.name=main,tandem\.run\.id=[\w-]{36},tandem\.run\.command=\S+%20-p%20\S+\n$/,
    );
    const given = { OTEL_RESOURCE_ATTRIBUTES: 'vcs.ref.head.revision=theirs' };
    t.match(
      await attributesOf(named, given),
      /^vcs\.ref\.head\.revision=theirs,vcs\.ref\.head\.revision=feat%2Fa%20b,/,
    );
    const commit = { ...given, GITHUB_SHA: 'a1b2c3' };
    t.match(
      await attributesOf([], commit),
      /^vcs\.ref\.head\.revision=a1b2c3,vcs\.ref\.head\.name=main,vcs\.ref\.head\.revision=theirs,tandem/,
    );
  },
);

t.test('attributes that nobody can read are left out with a line, and the run keeps its own', async (t) => {
  const print = ['--', process.execPath, '-p', 'process.env.OTEL_RESOURCE_ATTRIBUTES'];
  for (const [given, passed, left] of [
    ['token=abc==,team=shop', 'token=abc%3D%3D,team=shop,', undefined],
    [`text=secret${'x'.repeat(250)},team=shop`, 'team=shop,', '1'],
    ['team=shop,secret,x=%zz', 'team=shop,', '2 and 3'],
    ['team=shop,ä=ö, b = c ,', 'team=shop,ä=ö, b = c ,', undefined],
  ] as const) {
    const { said, ended } = start(t, print, [...beside, '--name', 'n'], { OTEL_RESOURCE_ATTRIBUTES: given });
    t.equal(await ended, 0, said.err);
    t.ok(said.out.startsWith(`${passed}vcs.`), said.out);
    t.match(said.out, /,tandem\.run\.id=[\w-]{36},/);
    t.equal(said.err.includes('secret'), false, 'a value may be secret');
    const [, members] =
      /^OTEL_RESOURCE_ATTRIBUTES is passed on without member (.+), which /m.exec(said.err) ?? [];
    t.equal(members, left);
  }
});

t.test('a signal goes to the command, and an end by a signal is 128 and its number', async (t) => {
  const script = 'console.log("up"); setInterval(() => {}, 1000)';
  const { child, said, ended } = start(t, ['--', process.execPath, '-e', script], beside);
  await until(() => said.out.includes('up'), { what: () => said.err });
  child.kill('SIGTERM');
  t.equal(await ended, 128 + 15);
  t.match(said.err, /\nOTEL_TRACES_EXPORTER=none /);
});

/** Says its id and each signal, and ends 200 ms after one. */
const LATE = `
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(name, () => { console.log('got', name); setTimeout(process.exit, 200); });
  console.log('server', process.pid);
  setInterval(() => {}, 1000);
`;

t.test(
  'what a launcher leaves behind when it gets a signal gets the signal, once, and has ended',
  async (t) => {
    const cwd = t.testdir({
      'package.json': '{ "scripts": { "dev": "node late.js", "two": "npm run dev" } }',
      'late.js': LATE,
    });
    const cases = [
      [['npm', 'run', 'two'], 'SIGTERM'],
      [['sh', '-c', 'node late.js; echo after'], 'SIGTERM'],
      [['node', 'late.js'], 'SIGTERM'],
      [['npm', 'run', 'dev'], 'SIGTERM'],
      [['npm', 'run', 'dev'], 'SIGHUP'],
      [['npm', 'run', 'dev'], 'SIGINT'],
    ] as const;
    for (const [command, signal] of IS_NIGHT ? cases : cases.slice(0, 3)) {
      const { child, said, ended } = start(t, ['--', ...command], beside, {}, cwd);
      await until(() => /server \d+\n/.test(said.out), { what: () => said.err });
      const [, pid] = /server (\d+)/.exec(said.out) ?? [];
      t.teardown(() => isThere(Number(pid)) && process.kill(Number(pid), 'SIGKILL'));
      child.kill(signal);
      await ended;
      t.notOk(isThere(Number(pid)), `${command.join(' ')} after ${signal}`);
      t.same(said.out.match(/got .*/g), [`got ${signal}`]);
    }
  },
);

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

t.test('a command that cannot be started is named, with the exit code of a shell', async (t) => {
  const here = t.testdir({ 'no-right': 'true', 'no-interpreter': '#!/no/such/interpreter\n' });
  chmodSync(join(here, 'no-interpreter'), 0o755);
  const cases = [
    ['no-such-command', 127, 'no-such-command was not found.'],
    ['./no-such-file', 127, './no-such-file was not found.'],
    ['./no-interpreter', 127, './no-interpreter names an interpreter in its first line that was not found.'],
    ['./no-right', 126, './no-right may not be run.'],
    [here, 126, `${here} may not be run.`],
  ] as const;
  // By day one of each exit code.
  for (const [command, code, words] of IS_NIGHT ? cases : cases.slice(2, 4)) {
    const { said, ended } = start(t, [command], beside, {}, here);
    t.equal(await ended, code, command);
    t.ok(said.err.endsWith(`\n${words}\n`), said.err);
  }
  const nothing = start(t, []);
  t.equal(await nothing.ended, 2);
  t.match(nothing.said.err, /^Name the command to run\.\n\nRuns a command and shows its traces/);
});

t.test('a command sends to an explorer that runs, and its traces and errors are counted', async (t) => {
  const send = ['--', process.execPath, '--input-type=module', '-e', SEND];
  const { said, ended } = start(t, send, beside);
  t.equal(await ended, 0, said.err);
  const lines = [
    '1 problem in 1 trace',
    '  x work fails',
    '      the only job',
    `Show this run: http://localhost:${port}/?run=`,
  ];
  t.equal(
    said.err.replace(/^Tracing .*\n/, '').replace(/(?<=run=)\S+\n$/, ''),
    lines.join('\n'),
    'and nothing of the own Node',
  );
});

const UNSAMPLED = `00-${SPAN.traceId}-${SPAN.spanId}-00`;

/** A server that is asked for its health, by a socket, which makes no span. */
const SERVER = `
  const server = require('node:http').createServer((_, response) => response.end()).listen(0, '127.0.0.1', () =>
    require('node:net').connect(server.address().port, '127.0.0.1', function () {
      this.resume().on('end', () => server.close());
      this.write('GET /health HTTP/1.1\\r\\nhost: a\\r\\nconnection: close\\r\\n\\r\\n');
    }));
`;

t.test('without a trace the last line says what was started, what it used and what to do', async (t) => {
  const here = t.testdir({ 'server.cjs': SERVER, 'idle.js': '', 'broken.js': 'throw 1;' });
  for (const [command, line] of [
    [
      ['sh', '-c', 'true'],
      "No app of Node was started, so run traced nothing. OpenTelemetry's own SDK or agent for Python, ",
    ],
    [[process.execPath, join(here, 'idle.js')], 'No request reached or left idle.js.\n'],
    [
      [process.execPath, join(here, 'broken.js')],
      'node ended with exit code 1: its own lines above say why.\nNo request had reached broken.js.\n',
    ],
    [
      [process.execPath, join(here, 'server.cjs')],
      "The command started server.cjs, which used Node's HTTP server; its spans did not arrive. ",
    ],
  ] as const) {
    const { said, ended } = start(t, ['--', ...command], beside, { OTEL_TRACES_EXPORTER: '' });
    t.equal(await ended, command.at(-1)?.endsWith('broken.js') ? 1 : 0);
    t.match(said.err, `\n${line}`);
  }
  const asked = SERVER.replace('/health', '/').replace('host: a', `host: a\\r\\ntraceparent: ${UNSAMPLED}`);
  const unsampled = start(t, ['--', process.execPath, '-e', asked], beside, { OTEL_TRACES_EXPORTER: '' });
  t.equal(await unsampled.ended, 0, unsampled.said.err);
  t.match(
    unsampled.said.err,
    /\nThe command started .*: requests came with a traceparent that ends in -00, so /,
  );
  const off = start(t, ['--', 'sh', '-c', 'true'], beside, {
    OTEL_TRACES_EXPORTER: '',
    OTEL_SDK_DISABLED: 'true',
  });
  t.equal(await off.ended, 0);
  t.match(off.said.err, '\nOTEL_SDK_DISABLED=true keeps spans back: unset it.\n');
});

t.test('where a command failed or was ended before an app, nothing is said of other languages', async (t) => {
  const here = t.testdir({
    'package.json': '{ "scripts": { "dev": "sh -c \\"echo up; sleep 60\\"" } }',
  });
  const untraced = { OTEL_TRACES_EXPORTER: '' };
  for (const [command, code] of [
    [['npm', 'run', 'dve'], 1],
    [['sh', '-c', 'exit 3'], 3],
  ] as const) {
    const { said, ended } = start(t, ['--', ...command], beside, untraced, here);
    t.equal(await ended, code, said.err);
    const words = `\n${command[0]} ended with exit code ${code}: its own lines above say why.\n`;
    t.ok(said.err.endsWith(words), said.err);
  }
  const npm = start(t, ['--', 'npm', 'run', 'dev'], beside, untraced, here);
  await until(() => npm.said.out.includes('up\n'));
  npm.child.kill('SIGINT');
  t.not(await npm.ended, 0);
  t.notMatch(npm.said.err, 'Python');
});

t.test(
  'where open would take another folder, the last line names the one with the traces, as a command to paste',
  async (t) => {
    const folder = join(work, "Ada's data");
    const send = ['--', process.execPath, '--input-type=module', '-e', SEND];
    const { said, ended } = start(t, send, ['--data-dir', folder], { DATA_DIR: 'elsewhere' });
    t.equal(await ended, 0, said.err);
    const [, pasted = ''] = /\nShow this run: node \S+ --open --data-dir (.*)\n$/.exec(said.err) ?? [];
    t.equal(execFileSync('sh', ['-c', `realpath ${pasted}`], { cwd: work, encoding: 'utf8' }), `${folder}\n`);
  },
);

t.test('a command continues the trace of its caller, with a span of its own', async (t) => {
  const context = {
    TRACEPARENT: `00-${SPAN.traceId}-${SPAN.spanId}-01`,
    TRACESTATE: 'agent=7',
    BAGGAGE: 'user.id=ada',
  };
  const print = `
    const { TRACEPARENT, TRACESTATE, BAGGAGE } = process.env;
    console.log(JSON.stringify({ TRACEPARENT, TRACESTATE, BAGGAGE }));
    process.exitCode = 3;
  `;
  const run = async (env: object) => {
    const { said, ended } = start(t, ['--', process.execPath, '-e', print], beside, env);
    t.equal(await ended, 3, said.err);
    return { given: JSON.parse(said.out), said: said.err };
  };
  const { given } = await run(context);
  t.match(given, { TRACESTATE: 'agent=7', BAGGAGE: 'user.id=ada' });
  const [, traceId, spanId, flags] = given.TRACEPARENT.split('-');
  t.same([traceId, flags], [SPAN.traceId, '01']);
  t.not(spanId, SPAN.spanId);
  const url = `http://localhost:${port}/api/traces/${traceId}`;
  t.match(await (await fetch(`${url}/spans/${spanId}`)).json(), {
    resourceSpans: [
      {
        scopeSpans: [
          {
            spans: [
              {
                name: 'node',
                parentSpanId: SPAN.spanId,
                traceState: 'agent=7',
                status: { code: 2 },
                attributes: [
                  { key: 'process.executable.name', value: { stringValue: 'node' } },
                  { key: 'process.exit.code', value: { intValue: '3' } },
                  { key: 'error.type', value: { stringValue: '3' } },
                ],
              },
            ],
          },
        ],
      },
    ],
  });

  // The ending looks at whole seconds: the trace before is one of an earlier second.
  const second = Math.floor(Date.now() / 1000);
  await until(() => Date.now() / 1000 >= second + 1);
  const unsampled = 'a'.repeat(32);
  const off = await run({ TRACEPARENT: `00-${unsampled}-${SPAN.spanId}-00`, OTEL_TRACES_EXPORTER: '' });
  t.match(off.said, `\nTRACEPARENT=00-${unsampled}-`);
  t.match(off.said, '-00 keeps spans back: unset it.\n');
  t.equal((await fetch(`http://localhost:${port}/api/export?trace_id=${unsampled}`)).status, 404);

  const malformed = await run({ ...context, TRACEPARENT: `${context.TRACEPARENT}-x` });
  t.same(malformed.given, {});
  t.match(malformed.said, '\nTRACEPARENT is malformed, so the command starts a trace of its own.\n');
});

t.test('a context that is no W3C trace context is none', async (t) => {
  const said = t.capture(process.stderr, 'write', () => true);
  const url = 'http://localhost:9';
  const target = { client: new ExplorerClient(url), endpoint: url, token: undefined };
  const malformed = [
    'nonsense',
    `00-${'0'.repeat(32)}-${SPAN.spanId}-01`,
    `ff-${SPAN.traceId}-${SPAN.spanId}-01`,
  ];
  for (const TRACEPARENT of malformed) {
    const span = beginCommandSpan('node', target, { TRACEPARENT, BAGGAGE: 'user.id=ada' });
    t.strictSame(
      span?.env,
      { TRACEPARENT: undefined, TRACESTATE: undefined, BAGGAGE: undefined },
      TRACEPARENT,
    );
  }
  t.match(
    said().map(({ args }) => args[0]),
    malformed.map(() => /^TRACEPARENT is malformed/),
  );
});

t.test('an app of any framework is traced, the package manager that starts it is not', async (t) => {
  const here = t.testdir({
    'package.json': '{"scripts":{"start":"node app.cjs"}}',
    'app.cjs': appOf('const work = async () => {};', REQUIRE),
  });
  const npm = ['--', 'npm', 'start', '--prefix', here];
  const { said, ended } = start(t, npm, beside, { OTEL_TRACES_EXPORTER: '', HOME: here });
  t.equal(await ended, 0, said.err);
  t.match(said.err, nothingWrong('1 request'));
  // The other commands of this file made none of these.
  const kinds = async () =>
    (await spans())
      .map(({ kind }) => kind)
      .filter((kind) => kind === 2 || kind === 3)
      .toSorted();
  t.same(await kinds(), [2, 3], 'a SERVER and a CLIENT span');
  const inRoot = ['--', process.execPath, join(here, 'app.cjs')];
  const again = start(t, inRoot, beside, { OTEL_TRACES_EXPORTER: '' }, ROOT);
  t.equal(await again.ended, 0, again.said.err);
  t.match(again.said.err, nothingWrong('1 request'));
  t.same(await kinds(), [2, 2, 3, 3], 'the same in the root of the workspace');
});

t.test('a service that starts telemetry itself runs, with one span of each request', async (t) => {
  const { beside, spans } = await startExplorer(t);
  for (const service of ['user-lookup', 'activities-api']) {
    const port = String(await freePort());
    const command = ['--import', '@tandem/service-kit/register', 'src/main.ts', '--seed'];
    const env = { OTEL_TRACES_EXPORTER: '', PORT: port, DATA_DIR: t.testdir() };
    const folder = join(ROOT, 'services', service);
    const { child, said, ended } = start(t, ['--', process.execPath, ...command], beside, env, folder);
    const url = `http://127.0.0.1:${port}`;
    const isReady = () =>
      fetch(`${url}/health/ready`).then(
        ({ ok }) => ok,
        () => child.exitCode !== null,
      );
    await until(isReady, { what: () => said.err });
    await fetch(`${url}/api/users/bayko`);
    child.kill('SIGTERM');
    t.equal(await ended, 0, said.err);
    t.match(said.err, nothingWrong('1 request.*'), service);
  }
  t.same((await spans()).map(({ kind, name }) => `${kind} ${name}`).toSorted(), [
    '2 GET', // activities-api has no such route
    '2 GET /api/users/:handle',
    '3 SELECT users',
  ]);
});
