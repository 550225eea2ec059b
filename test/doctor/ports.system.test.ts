import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import type { Test } from 'tap';
import t from 'tap';
import { findPortHolder } from '../../scripts/lib/doctor/port-holder.ts';
import { examinePorts } from '../../scripts/lib/doctor/ports.ts';
import { freeAddresses } from '../../scripts/lib/free-addresses.ts';
import { freePort } from '../../scripts/lib/free-port.ts';

const LISTEN = `
  const { createServer } = require('node:http');
  const [, port, answer, , title] = process.argv;
  if (title) process.title = title;
  createServer((request, response) => response.end(answer)).listen(Number(port), () => console.log('ready'));
`;

/** A process of somebody else that listens on a port, and answers everything with the same. */
async function somebody(t: Test, port: number, answer = '{}', title = ''): Promise<number> {
  const child = spawn(
    process.execPath,
    ['-e', LISTEN, '--', String(port), answer, 'token=do-not-show', title],
    {
      cwd: tmpdir(),
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  t.teardown(() => child.kill());
  await once(child.stdout, 'data');
  return child.pid ?? 0;
}

t.test('free ports: one line', async (t) => {
  t.match(await examinePorts(await freeAddresses(), await freePort()), [
    { level: 'ok', what: /^All are free: / },
  ]);
});

t.test(
  'who holds a port is named with process and folder, not with its arguments, and what moves ours',
  async (t) => {
    const addresses = await freeAddresses();
    const port = Number(addresses.api.port);
    const pid = await somebody(t, port);
    const findings = await examinePorts(addresses, undefined);
    t.match(findings, [
      {
        level: 'problem',
        what: new RegExp(`^Port ${port}, which activities-api needs, is held by \\S+ \\(process ${pid} in `),
        fix: `Stop process ${pid}, or set BACKEND_URL=http://localhost:<another port>.`,
        data: { port, pid },
      },
    ]);
    t.equal(findings.length, 1);
    t.notMatch(JSON.stringify(findings), 'do-not-show');
  },
);

/** What listens for Docker's containers; every port has one of its own. */
const proxy = (t: Test, port: string, answer?: string) => somebody(t, Number(port), answer, 'docker-proxy');
const LIVE = '{"status":"ok"}';

t.test('a container that is not ours is named as one', async (t) => {
  const addresses = await freeAddresses();
  const pid = await proxy(t, addresses.api.port);
  t.match(await examinePorts(addresses, undefined), [
    {
      level: 'problem',
      what: new RegExp(`is held by a container \\(docker-proxy, process ${pid}\\)\\.$`),
      fix: /^Stop it \(docker ps names it\), or set BACKEND_URL=/,
    },
  ]);
});

t.test(
  'ours in containers: also the ports without health checks, and a user-lookup that has none',
  async (t) => {
    const addresses = await freeAddresses();
    await proxy(t, addresses.page.port, LIVE);
    await proxy(t, addresses.otlp.port);
    t.match(await examinePorts(addresses, undefined), [
      {
        level: 'warning',
        what: `Tandem runs in containers, in part: nobody listens on ${addresses.api.port} (activities-api).`,
        fix: /^docker compose up -d/,
      },
    ]);
    await proxy(t, addresses.api.port, LIVE);
    const [finding, ...others] = await examinePorts(addresses, undefined);
    t.match(finding, { level: 'ok', what: /^Tandem runs in containers, on / });
    t.notMatch(finding?.what, /user-lookup/);
    t.same(others, []);
  },
);

t.test('a port that nobody holds has no holder', async (t) => {
  t.equal(await findPortHolder(await freePort()), undefined);
});

t.test('one port for two processes', async (t) => {
  const addresses = await freeAddresses();
  t.match(await examinePorts({ ...addresses, api: addresses.page }, undefined), [
    { level: 'problem', fix: /^Set BACKEND_URL=/ },
  ]);
});
