import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { startOtlpReceiver } from '@tandem/otlp/testing';
import t from 'tap';
import { sendLeftovers } from '../../../../src/parts/run/command/leftovers.ts';
import type { Target } from '../../../../src/parts/run/command/target.ts';

/** A file of telemetry's spool, which a process has left. */
function left(folder: string, name: string, claimedNow = ''): void {
  const directory = join(folder, 'spool', 'app', 'otlp');
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, `000001700000000-00000000-${name}_1_0.spans${claimedNow}`), '');
}

/** One that a process has claimed now. */
const claimed = (folder: string, name: string) => left(folder, name, `.${Date.now()}`);

t.test(
  'spans of a killed process go out when its command has ended, those of another command are left',
  async (t) => {
    const receiver = await startOtlpReceiver();
    t.teardown(() => receiver.close());
    const target = { endpoint: receiver.url, token: undefined } as Target;
    const spools = t.testdir();
    const [own, other] = [join(spools, '4318', 'own'), join(spools, '4318', 'other')];
    claimed(own, 'killed');
    claimed(other, 'runs');
    t.equal(await sendLeftovers(spools, target), undefined);
    t.equal(receiver.requests.length, 0, 'while it runs, a claim holds');
    t.equal(await sendLeftovers(spools, target, own), undefined);
    t.equal(receiver.requests.length, 1);
    t.notOk(existsSync(own), 'nothing is left of its folder');
    t.equal(readdirSync(join(other, 'spool', 'app', 'otlp')).length, 1);
  },
);

t.test(
  'what a run left goes with the token, and stays for the next run where it may be taken later',
  async (t) => {
    for (const [status, stays] of [
      [200, false],
      [400, false],
      [413, false],
      [401, true],
      [429, true],
      [500, true],
      [503, true],
    ] as const) {
      const asked: (string | undefined)[] = [];
      const explorer = createServer((request, response) => {
        asked.push(request.headers.authorization);
        response.writeHead(status).end();
      });
      t.teardown(() => explorer.close());
      await once(explorer.listen(0, '127.0.0.1'), 'listening');
      const { port } = explorer.address() as AddressInfo;
      const spools = t.testdir();
      left(spools, `answer-${status}`);
      const target = { endpoint: `http://127.0.0.1:${port}`, token: 'a-token' } as Target;
      const said = await sendLeftovers(spools, target);
      t.match(said ?? '', stays ? `the explorer answered ${status}` : /^$/, `${status}`);
      t.same(asked, ['Bearer a-token']);
      t.equal(readdirSync(join(spools, 'spool', 'app', 'otlp')).length, Number(stays), `${status}`);
    }
  },
);
