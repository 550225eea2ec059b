import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import t from 'tap';
import { IS_NIGHT } from '../helpers/nightly.ts';
import type { TestProcess } from '../helpers/processes.ts';
import { freePort, startNodeWithFiles, untilReady } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

// At night too: with all servers.

const OPEN_FILES = 256;
/** Many more than a process may have. */
const HALF_OPEN = 400;
/** Timers that measure the process fire each second. */
const SOME_TIMERS_MS = 2500;

/** Takes all descriptors of its process at SIGWINCH, until the next one. */
const GREEDY = `data:text/javascript,${encodeURIComponent(`
  import { closeSync, openSync } from 'node:fs';
  const taken = [];
  process.on('SIGWINCH', () => {
    if (taken.length > 0) return taken.splice(0).forEach((file) => closeSync(file));
    try { for (let count = 0; count < 1000; count++) taken.push(openSync('/dev/null')); } catch {}
  });
`)}`;

const directory = mkdtempSync(join(tmpdir(), 'tandem-descriptors-'));
const [page, otlp, grpc, lookup, api] = await Promise.all(Array.from({ length: 5 }, () => freePort()));
const env = {
  DATA_DIR: directory,
  OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${otlp}`,
  USER_LOOKUP_URL: `http://127.0.0.1:${lookup}`,
  LOG_LEVEL: 'warn',
};
const start = (folder: string, args: readonly string[], more: Readonly<Record<string, string>>) =>
  startNodeWithFiles(OPEN_FILES, folder, ['--import', GREEDY, ...args], { ...env, ...more });
const startService = (name: string, port: number | undefined) =>
  start(`services/${name}`, ['--import', '@tandem/service-kit/register', 'src/main.ts', '--seed'], {
    PORT: String(port),
  });
const explorer = start('packages/trace-explorer', ['src/main.ts'], {
  PORT: String(page),
  OTLP_PORT: String(otlp),
  OTLP_GRPC_PORT: String(grpc),
});
const services = IS_NIGHT
  ? ([
      ['user-lookup', lookup, '/api/users?handle=bayko'],
      ['activities-api', api, '/api/activities/home'],
    ] as const)
  : [];
const url = (port: number | undefined, path: string) => `http://127.0.0.1:${port}${path}`;
const SERVERS = [
  ...services.map(([name, port, path]) => ({
    name,
    process: startService(name, port),
    port,
    asked: url(port, path),
  })),
  ...[
    { name: 'OTLP over HTTP', port: otlp },
    ...(IS_NIGHT
      ? [
          { name: "the explorer's page", port: page },
          { name: 'OTLP over gRPC', port: grpc },
        ]
      : []),
  ].map((each) => ({ ...each, process: explorer, asked: url(page, '/api/status') })),
];
const all = new Set(SERVERS.map(({ process }) => process));
t.teardown(async () => {
  await Promise.all([...all].map((process) => process.stop()));
  rmSync(directory, { recursive: true, force: true });
});

for (const { process, asked } of SERVERS) await untilReady(process, asked);

/** Resolves when the process answers 200, on a new connection. */
const untilAnswers = (process: TestProcess, asked: string) => untilReady(process, asked, 30_000);

for (const { name, process, port = 0, asked } of SERVERS)
  t.test(`${name}: ${HALF_OPEN} half-open sockets under a limit of ${OPEN_FILES} descriptors`, async (t) => {
    const sockets: Socket[] = [];
    let closed = 0;
    for (let count = 0; count < HALF_OPEN; count++) {
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      socket.on('connect', () => socket.write('POST /v1/traces HTTP/1.1\r\nhost: a\r\n'));
      socket.on('close', () => closed++);
      sockets.push(socket);
    }
    await until(() => closed >= HALF_OPEN - OPEN_FILES / 2, { what: () => `most are closed: ${closed}` });
    await sleep(SOME_TIMERS_MS);
    t.equal(process.child.exitCode, null, process.output());
    for (const socket of sockets) socket.destroy();
    await untilAnswers(process, asked);
  });

t.test('a process without a free descriptor goes on, and answers when it has some again', async (t) => {
  for (const process of all) process.child.kill('SIGWINCH');
  await sleep(SOME_TIMERS_MS);
  for (const process of all) process.child.kill('SIGWINCH');
  for (const { process, asked } of SERVERS) {
    await untilAnswers(process, asked);
    t.equal(process.child.exitCode, null, process.output());
  }
});
