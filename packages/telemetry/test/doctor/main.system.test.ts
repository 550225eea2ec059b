import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { freePort } from '../../../../scripts/lib/free-port.ts';

const COMMAND = fileURLToPath(import.meta.resolve('../../src/doctor/main.ts'));
const PACKAGE = join(import.meta.dirname, '..', '..');

interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Run> {
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [COMMAND, ...args],
      { cwd: PACKAGE, env: { PATH, NODE_COMPILE_CACHE, ...env } },
      (error, stdout, stderr) => resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
    );
  });
}

t.test('in the folder of a service: settings, key, endpoint, and where one span arrived', async (t) => {
  const receiver = await startOtlpReceiver();
  t.teardown(() => receiver.close());
  const { code, stdout } = await run(['--json'], { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url });
  const { ok, findings } = JSON.parse(stdout);
  t.match([code, ok], [0, true], stdout);
  t.strictSame(
    findings.map(({ check }: { check: string }) => check),
    ['node', 'settings', 'honeycomb', 'endpoint', 'clock', 'self-test'],
  );
  t.match(receiver.spans(), [{ name: 'self-test', service: 'telemetry-doctor' }]);
});

t.test('without a listener, the problem and its cure are printed, and the exit code is 1', async (t) => {
  const { code, stdout } = await run([], {
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
  });
  t.equal(code, 1);
  t.match(stdout, /^PROBLEM {2}endpoint .* no connection .*ECONNREFUSED.*\n +→ /m);
  t.match(stdout, /\n1 problem, no warnings\.\n$/, 'one cause, one finding');
});

t.test('a key that Honeycomb refuses is one problem', async (t) => {
  const honeycomb = createServer((request, response) => {
    request.resume();
    response.writeHead(401, { 'content-type': 'application/json' }).end('{"error":"unknown API key"}');
  }).listen(0, '127.0.0.1');
  t.teardown(() => honeycomb.close());
  await once(honeycomb, 'listening');
  const { port } = honeycomb.address() as AddressInfo;
  const { code, stdout } = await run([], {
    HONEYCOMB_API_KEY: 'hcaik_01hqk4k20cjeh63wca8vva5stw70nft6m5n8wr8f5mjx3762s8269j50wc',
    HONEYCOMB_API_ENDPOINT: `http://127.0.0.1:${port}`,
  });
  t.equal(code, 1);
  t.match(stdout, /^PROBLEM {2}honeycomb .* key refused \(401\)/m);
  t.match(stdout, /\n1 problem, no warnings\.\n$/, stdout);
});

t.test('wrong words and files are refused', async (t) => {
  t.match(await run(['--loud']), { code: 1, stderr: /--loud[\s\S]*npx @tandem\/telemetry/ });
  t.match(await run(['--env', 'none.env']), { code: 1, stderr: /no such file.*none\.env/ });
});
