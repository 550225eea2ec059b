import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { INSTALL_TIMEOUT_MS } from './helpers/npm.ts';
import { freePort, ROOT } from './helpers/processes.ts';
import { until } from './helpers/until.ts';

t.setTimeout(INSTALL_TIMEOUT_MS);

t.test(
  'the commands of docs/copy.md start a pair elsewhere, with one trace over both services',
  async (t) => {
    const [, block = ''] = /```sh\n(.*?)```/s.exec(readFileSync(join(ROOT, 'docs', 'copy.md'), 'utf8')) ?? [];
    const commands = block.trim().split('\n');
    t.ok(commands.length > 0 && commands.length <= 10, `${commands.length} commands`);
    const receiver = await startOtlpReceiver();
    t.teardown(() => receiver.close());
    const [api, lookup] = [await freePort(), await freePort()];
    // Outside of this repository: its packages must not be found.
    const work = mkdtempSync(join(tmpdir(), 'tandem-copy-'));
    t.teardown(() => rmSync(work, { recursive: true, force: true }));
    const folder = join(work, 'my-pair');

    // As the page has them, but for places and ports, which a test chooses. Ports: each service's own.
    const script = commands
      .map((command) =>
        command
          .replaceAll('../my-pair', `'${folder}'`)
          .replace('localhost:4567', `127.0.0.1:${api}`)
          .replace('npm start -w @tandem/user-lookup', `PORT=${lookup} npm start -w @tandem/user-lookup`)
          .replace('npm start -w @tandem/activities-api', `PORT=${api} npm start -w @tandem/activities-api`)
          .replace('curl ', 'curl --silent --fail --retry 60 --retry-all-errors --retry-delay 1 '),
      )
      .join('\n');
    const shell = spawn('bash', ['-ec', `${script}\nwait`], {
      cwd: ROOT,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}`,
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        USER_LOOKUP_URL: `http://127.0.0.1:${lookup}`,
      },
    });
    const ended = once(shell, 'close');
    t.teardown(async () => {
      if (shell.pid !== undefined && shell.exitCode === null) process.kill(-shell.pid, 'SIGTERM');
      await ended;
    });
    let output = '';
    for (const stream of [shell.stdout, shell.stderr]) stream.on('data', (chunk) => (output += chunk));

    const isWhole = () => {
      const home = receiver.spans().find(({ name }) => name === 'GET /api/activities/home');
      const spans = home === undefined ? [] : receiver.spansOf(home.traceId);
      const asked = spans.some(({ name, kind }) => name === 'GET /api/users' && kind === 'SERVER');
      return asked && spans.length === 7;
    };
    await until(isWhole, {
      what: () => `one trace of seven spans over both services:\n${output}`,
      limitMs: 250_000,
    });
    t.match(output, /"display_name":"Captain Cumulus"/, 'the feed has names');
  },
);
