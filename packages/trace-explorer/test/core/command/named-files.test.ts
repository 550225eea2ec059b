import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { readRegular } from '../../../src/lib/node/regular-file.ts';
import { changeFile } from '../../../src/parts/mcp/command/agents/change-file.ts';
import { temporaryDirectory } from '../../spans.ts';
import { runCli } from './run-cli.ts';

const URL = 'http://127.0.0.1:1';

/** Node has no call for it. */
const makePipe = (path: string) => spawnSync('sh', ['-c', 'mkfifo "$0"', path]);

/** A pipe that nobody writes to, a socket, a device and a folder, by what is said of them. */
async function strange(t: { teardown(fn: () => unknown): void }) {
  const folder = temporaryDirectory(t);
  const [pipe, socket] = [join(folder, 'pipe.json'), join(folder, 'socket.json')];
  makePipe(pipe);
  const server = createServer().listen(socket);
  t.teardown(() => server.close());
  await new Promise((resolve) => server.once('listening', resolve));
  const regular = /a pipe, a socket or a device/;
  return [
    [pipe, regular],
    [socket, regular],
    ['/dev/zero', regular],
    [folder, /it is a folder/],
  ] as const;
}

t.test('what is no regular file is refused at once by every command that reads one', async (t) => {
  for (const [path, said] of await strange(t))
    for (const [command, ...args] of [
      ['sample', '--rules', path],
      ['query', path],
      ['check', path],
      ['import', path],
      ['verify', path],
      ['report', path],
    ] as const) {
      const { code, error } = await runCli(command, [...args, '--url', URL]);
      t.not(code, 0);
      // A name of no file may be that of a run, which the explorer is asked about.
      t.match(
        error,
        command === 'report' || command === 'verify' ? /\S/ : said,
        `${command} ${path}: ${error}`,
      );
    }
});

t.test('the file of an agent is no pipe, and is not larger than a person writes', async (t) => {
  const root = temporaryDirectory(t);
  mkdirSync(join(root, '.cursor'));
  makePipe(join(root, '.cursor/mcp.json'));
  await t.rejects(
    changeFile(root, '.cursor/mcp.json', () => '{}'),
    /a pipe, a socket or a device/,
  );
});

t.test('a text is read to its bound, and no further', async (t) => {
  const path = join(temporaryDirectory(t), 'text');
  writeFileSync(path, 'twelve bytes');
  t.equal(await readRegular(path, 12), 'twelve bytes');
  await t.rejects(readRegular(path, 11), { message: 'it has 12 bytes; at most 11 are read.' });
});
