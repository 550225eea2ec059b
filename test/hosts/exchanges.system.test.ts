import { copyFile, mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import type { ReceivedSpan } from '../../packages/otlp/testing/received-span.ts';
import { startReceiver } from '../../packages/telemetry/test/receiver.ts';
import type { Asked } from '../exchanges/exchanges.ts';
import { EXCHANGES, HTTP2_EXCHANGES } from '../exchanges/exchanges.ts';
import { IS_NIGHT } from '../helpers/nightly.ts';
import { INSTALL_TIMEOUT_MS, nodeBinary, npmInstall } from '../helpers/npm.ts';
import { ROOT, startProcess } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';

// At night too: with all servers on the oldest, the present and the newest Node.

/** The servers, and what each installs; undefined for those of the workspace. */
const SERVERS: Readonly<Record<string, readonly string[] | undefined>> = {
  http: undefined,
  http2: undefined,
  fastify: undefined,
  ...(IS_NIGHT && {
    'fastify-4': ['fastify@4'],
    express: ['express@5.3.0'],
    'express-4': ['express@4'],
    koa: ['koa@3'],
    hono: ['hono@4', '@hono/node-server@2'],
    nest: [
      '@nestjs/core@12',
      '@nestjs/common@12',
      '@nestjs/platform-express@12',
      'reflect-metadata@0.2',
      'rxjs@7',
    ],
    h3: ['h3@1'],
    trpc: ['@trpc/server@11'],
    yoga: ['graphql-yoga@5', 'graphql@16'],
  }),
};
/** The status of an Error in OTLP. */
const ERROR = 2;

/** Frameworks whose answers are results of functions. */
const OF_CALLS: readonly string[] = ['trpc', 'yoga'];

/** Versions of Node with the options that they need for types. The channel of HTTP/2 servers is newer than the first. */
const NODES: Readonly<Record<string, readonly string[]>> = {
  ...(IS_NIGHT && { '22.15.0': ['--experimental-strip-types', '--disable-warning=ExperimentalWarning'] }),
  [process.versions.node]: [],
  ...(IS_NIGHT && { '26.10.0': [] }),
};
const REGISTER = join(ROOT, 'packages', 'telemetry', 'src', 'register.ts');

if (IS_NIGHT) t.setTimeout(4 * INSTALL_TIMEOUT_MS);

const receiver = await startReceiver(t);
const work = await mkdtemp(join(tmpdir(), 'exchanges-'));
t.teardown(() => rm(work, { recursive: true, force: true }));
for (const [server, packages] of Object.entries(SERVERS)) {
  const folder = join(work, server);
  if (packages === undefined) await mkdir(folder);
  else await npmInstall(folder, packages);
  await copyFile(join(ROOT, 'test', 'exchanges', 'server.cjs'), join(folder, 'server.cjs'));
  if (packages === undefined) await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
}

for (const [version, options] of Object.entries(NODES))
  for (const server of Object.keys(SERVERS)) {
    if (server === 'http2' && version === '22.15.0') continue;
    t.test(`${server}, Node ${version}: each request has the span that its asker saw`, async (t) => {
      const service = `${server} ${version}`;
      const env = {
        OTEL_SERVICE_NAME: service,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        DATA_DIR: t.testdir(),
        LOG_LEVEL: 'silent',
      };
      const command = [await nodeBinary(version), ...options, '--import', REGISTER, 'server.cjs', server];
      const child = startProcess(join(work, server), command, env, false);
      const port = Number(
        await until(() => /port (\d+)/.exec(child.output())?.[1], { what: () => child.output() }),
      );
      const exchanges = server === 'http2' ? HTTP2_EXCHANGES : EXCHANGES;
      let last = 0;
      const pathOf = (kind: string) => `/${kind}/${++last}`;
      /** Asks, and then until the server has surely heard of the end: it answers a later connection. */
      const ask = async ({ what, ask, isCall }: (typeof exchanges)[number]) => {
        if (OF_CALLS.includes(server) && isCall !== true) return [];
        const from = performance.now();
        const asked = await ask(port, pathOf);
        const [after] = exchanges;
        const later = await after?.ask(port, pathOf);
        return [
          ...asked.map((each) => ({ ...each, what })),
          ...(later ?? []).map((each) => ({ ...each, what: `after ${what}` })),
        ].map((each) => ({ ...each, mostMs: performance.now() - from }));
      };
      const asked = (await Promise.all(exchanges.map(ask))).flat();
      const spans = () =>
        receiver.spans().filter((each) => each.service === service && each.kind === 'SERVER');
      await until(() => spans().length >= asked.length, { limitMs: 15_000 }).catch(() => {});
      await child.stop('SIGTERM');
      for (const each of asked)
        check(
          t,
          each,
          spans().filter(({ attributes }) => attributes['url.path'] === each.path),
        );
      t.equal(spans().length, asked.length);
      t.notMatch(child.output(), 'MaxListenersExceededWarning');
    });
  }

/** Compares the span of a request with what its asker saw. A server may have begun an answer that its client never read. */
function check(
  t: Test,
  asked: Asked & { readonly what: string; readonly mostMs: number },
  spans: readonly ReceivedSpan[],
): void {
  const { path, what, status, left = false, leastMs = 0, mostMs } = asked;
  const says = `${what}, ${path}`;
  t.equal(spans.length, 1, `one span: ${says}`);
  for (const { attributes, status: code, start, end } of spans) {
    const durationMs = Number(end - start) / 1e6;
    const told = attributes['http.response.status_code'];
    t.ok(told === status || (status === undefined && told === 400), `status ${told} for ${status}: ${says}`);
    t.equal(code, status === 500 ? ERROR : 0, `an error for a 500 alone: ${says}`);
    t.equal(
      attributes['error.type'],
      left ? 'client_disconnected' : status === 500 ? '500' : undefined,
      says,
    );
    const isBetween = durationMs >= leastMs && durationMs <= mostMs;
    t.ok(isBetween, `${durationMs} ms, at least ${leastMs}, at most ${mostMs}: ${says}`);
  }
}
