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
  createServer((request, response) => response.end('{}')).listen(Number(process.argv[1]), () => console.log('ready'));
`;

/** A process of somebody else that listens on a port. */
async function somebody(t: Test, port: number): Promise<number> {
  const child = spawn(process.execPath, ['-e', LISTEN, '--', String(port), 'token=do-not-show'], {
    cwd: tmpdir(),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
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

t.test('a port that nobody holds has no holder', async (t) => {
  t.equal(await findPortHolder(await freePort()), undefined);
});

t.test('one port for two processes', async (t) => {
  const addresses = await freeAddresses();
  t.match(await examinePorts({ ...addresses, api: addresses.page }, undefined), [
    { level: 'problem', fix: /^Set BACKEND_URL=/ },
  ]);
});
