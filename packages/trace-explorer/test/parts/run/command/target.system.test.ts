import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import type { Test } from 'tap';
import t from 'tap';
import type { CommandContext } from '../../../../src/core/door/node.ts';
import { placesToAsk } from '../../../../src/core/live-explorers.ts';
import { findAgain, findOrStart } from '../../../../src/parts/run/command/target.ts';
import { startExplorer } from '../../../../src/start-explorer.ts';
import { temporaryDirectory } from '../../../spans.ts';

const context = {
  parts: [],
  startExplorer,
} as Partial<CommandContext> as CommandContext;

/** Holds a port, unless another program has it already. @returns the port */
async function hold(t: Test, wanted: number): Promise<string> {
  const holder = createServer((socket) => socket.destroy()).listen(wanted, '127.0.0.1');
  t.teardown(() => holder.close());
  await once(holder, 'listening').catch(() => {});
  return String((holder.address() as AddressInfo | null)?.port ?? wanted);
}

/** Asks for an explorer, in a folder of the test's own unless the flags name one. None on the default port is joined. */
const find = (t: Test, flags: Readonly<Record<string, string>>) =>
  findOrStart(context, undefined, { 'data-dir': temporaryDirectory(t), ...flags }, (...args) =>
    placesToAsk(...args).filter(({ by }) => by !== 'default'),
  );

t.test('programs on the usual ports do not keep an explorer from starting', async (t) => {
  for (const port of [4317, 4318, 4319]) await hold(t, port);
  for (const flags of [{}, { port: '0' }, { 'otlp-port': '0' }] as const) {
    const { client, endpoint, own } = await find(t, flags);
    t.teardown(() => own?.stop());
    t.equal((await fetch(`${client.url}/api/status`)).status, 200);
    t.notMatch(`${client.url} ${endpoint}`, /:(?:4317|4318|4319)\b/);
    await own?.stop();
  }
});

t.test(
  'a named port in use is an error by its option, and a free one for the other default is none',
  async (t) => {
    const port = await hold(t, 0);
    for (const flags of [
      { 'otlp-port': port, port: '0' },
      { port, 'otlp-port': '0' },
    ]) {
      const flag = flags.port === port ? '--port' : '--otlp-port';
      await t.rejects(find(t, flags), {
        message: `Port ${port} is in use. Leave ${flag} out, and run takes a free one.`,
      });
    }
  },
);

t.test('an explorer that has the folder open is joined, whatever its page', async (t) => {
  const folder = { 'data-dir': temporaryDirectory(t) };
  const first = await find(t, { ...folder, port: '0', 'otlp-port': '0' });
  t.teardown(() => first.own?.stop());
  const second = await find(t, { ...folder, port: await hold(t, 0), 'otlp-port': '0' });
  t.equal(second.client.url, first.client.url);
  t.equal(second.own, undefined);
  const third = await Promise.all([find(t, folder), find(t, folder)]);
  for (const each of third) t.equal(each.client.url, first.client.url);
});

t.test('an explorer that is about to end leaves its folder to the next one', async (t) => {
  const folder = { 'data-dir': temporaryDirectory(t), port: '0', 'otlp-port': '0' };
  const first = await find(t, folder);
  const [next] = await Promise.all([find(t, folder), first.own?.stop()]);
  t.teardown(() => next.own?.stop());
  t.equal(typeof next.client.url, 'string');
});

t.test(
  'an explorer that another command had started, and that has ended with it, has a successor on its folder',
  async (t) => {
    const folder = { 'data-dir': temporaryDirectory(t), port: '0', 'otlp-port': '0' };
    const first = await find(t, folder);
    const joined = await find(t, folder);
    const other = await find(t, { port: new URL(first.client.url).port });
    const { url } = first.client;
    for (const each of [joined, other]) {
      await findAgain(each);
      t.same([each.client.url, each.own], [url, undefined], 'nothing changes while it answers');
    }
    await first.own?.stop();
    await findAgain(joined);
    t.teardown(() => joined.own?.stop());
    t.equal((await fetch(`${joined.client.url}/api/status`)).status, 200);
    t.equal(joined.own?.folder, folder['data-dir']);
    await findAgain(other);
    t.same(
      [other.client.url, other.own],
      [url, undefined],
      'one on another folder has taken its spans along',
    );
  },
);
