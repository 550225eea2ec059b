import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import t from 'tap';
import { until } from '../../../../test/helpers/until.ts';

const work = t.testdir();
let stores = 0;
const MAIN = fileURLToPath(import.meta.resolve('../../src/main.ts'));

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
  const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  const headers = { 'content-type': 'application/json' };
  await fetch(process.env.OTEL_EXPORTER_OTLP_ENDPOINT + '/v1/traces', { method: 'POST', headers, body });
`;

/** Runs a command with an explorer of its own; `env` is what the caller has. */
function start(t: Test, command: readonly string[], options: readonly string[] = [], env = {}) {
  const { PATH, NODE_COMPILE_CACHE } = process.env;
  const own = ['--port', '0', '--otlp-port', '0', '--data-dir', join(work, String(stores++))];
  const child = spawn(process.execPath, [MAIN, 'run', ...own, ...options, ...command], {
    env: { PATH, NODE_COMPILE_CACHE, OTEL_TRACES_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none', ...env },
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  t.teardown(async () => {
    child.kill('SIGTERM'); // which the command gets, too
    await ended;
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (said.out += chunk));
  child.stderr.on('data', (chunk) => (said.err += chunk));
  return { child, said, ended };
}

t.test(
  'a command gets the variables and its input, and its output and exit code are passed on',
  async (t) => {
    const script = `
    process.stdin.on('data', (text) => console.log(String(text), JSON.stringify(process.env)));
    process.stdin.on('end', () => process.exit(7));
  `;
    const { child, said, ended } = start(t, ['--', process.execPath, '-e', script], [], {
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
      NODE_OPTIONS: /^--import file:\/\/\/\S+\/telemetry\/src\/register\.ts$/,
    });
    t.notOk('UV_THREADPOOL_SIZE' in env, 'no setting of the explorer itself');
    t.match(
      said.err,
      /^Traces: http:\/\/localhost:\d+\n0 traces, 0 with errors: npx @tandem\/trace-explorer --open shows them\n$/,
    );
  },
);

t.test('a name is added to the resource of what the command sends', async (t) => {
  const print = ['--', process.execPath, '-p', 'process.env.OTEL_RESOURCE_ATTRIBUTES'];
  const attributesOf = async (env: object) => {
    const { said, ended } = start(t, print, ['--name', 'feat/a b'], env);
    t.equal(await ended, 0, said.err);
    return said.out;
  };
  t.equal(await attributesOf({}), 'vcs.ref.head.revision=feat%2Fa%20b\n');
  const given = { OTEL_RESOURCE_ATTRIBUTES: 'team=a' };
  t.equal(await attributesOf(given), 'team=a,vcs.ref.head.revision=feat%2Fa%20b\n');
});

t.test('a signal goes to the command, and an end by a signal is 128 and its number', async (t) => {
  const { child, said, ended } = start(t, [
    '--',
    process.execPath,
    '-e',
    'console.log("up"); setInterval(() => {}, 1000)',
  ]);
  await until(() => said.out.includes('up'), { what: () => said.err });
  child.kill('SIGTERM');
  t.equal(await ended, 128 + 15);
  t.match(said.err, /\n0 traces, /);
});

t.test('a command that cannot be started is named', async (t) => {
  const { said, ended } = start(t, ['no-such-command']);
  t.equal(await ended, 127);
  t.match(said.err, /\nno-such-command cannot be started: .*ENOENT\n$/);
  const nothing = start(t, []);
  t.equal(await nothing.ended, 2);
  t.match(nothing.said.err, /^Name the command to run\.\n\nRuns a command and shows its traces/);
});

t.test('a command sends to an explorer that runs, and its traces and errors are counted', async (t) => {
  const first = start(t, ['--', process.execPath, '-e', 'setInterval(() => {}, 1000)']);
  const find = () => /localhost:(\d+)\n/.exec(first.said.err)?.[1];
  const port = await until(find, { what: () => first.said.err, limitMs: 60_000 });
  const send = ['--', process.execPath, '--input-type=module', '-e', SEND];
  const { said, ended } = start(t, send, ['--port', port]);
  t.equal(await ended, 0, said.err);
  t.equal(said.err, `Traces: http://localhost:${port}\n1 trace, 1 with errors: http://localhost:${port}\n`);
});
