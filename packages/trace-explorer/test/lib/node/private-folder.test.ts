import { chmodSync, existsSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ConfigError } from '@tandem/service-kit/http';
import t from 'tap';
import { makePrivateDataFolder } from '../../../src/lib/node/private-folder.ts';

/** Somebody who is not root: root may write everywhere. */
const NOBODY = 65534;
const KEY = `hcaik_${'0a'.repeat(29)}`;

function messageFor(path: string): string {
  try {
    makePrivateDataFolder(path);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'made';
}

t.test('a folder is made for its owner alone, with those above it', async (t) => {
  const path = join(t.testdir(), 'a', 'b');
  t.equal(messageFor(path), 'made');
  t.equal(statSync(path).mode & 0o777, 0o700);
  t.equal(statSync(join(path, '..')).mode & 0o777, 0o700);
  chmodSync(path, 0o755);
  t.equal(messageFor(path), 'made', 'once more');
  t.equal(statSync(path).mode & 0o777, 0o700);
});

t.test('a file in place of the folder is named, with what to do', async (t) => {
  const folder = t.testdir({ file: '', [KEY]: '' });
  const at = (...names: string[]) => join(folder, ...names);
  symlinkSync(at('nowhere'), at('dangling'));
  symlinkSync(at('circle-2'), at('circle-1'));
  symlinkSync(at('circle-1'), at('circle-2'));
  const cases: [path: string, reason: string][] = [
    [at('file'), `${at('file')}: it is not a folder`],
    [at('file', 'below', 'it'), `${at('file', 'below')}: a part of its path is not a folder`],
    [at('dangling', 'below'), `${at('dangling')}: it is not a folder`],
    [at('circle-1'), `${at('circle-1')}: it is not a folder`],
    [at('a-'.repeat(150)), 'its name is too long'],
    [at(KEY, 'below'), `${at('***', 'below')}: a part of its path is not a folder`],
  ];
  if (existsSync('/proc/self')) cases.push(['/proc/none/x', '/proc/none: it, or its folder, is not there']);
  for (const [path, reason] of cases) {
    const message = messageFor(path);
    t.match(
      message,
      /^DATA_DIR cannot be used: .*\. Set DATA_DIR to a folder that this user may write to\.$/,
    );
    t.ok(message.includes(`${reason}. Set`), message);
    t.ok(message.length < 600 && !message.includes(KEY), message);
  }
});

t.test('a folder of somebody else is named', async (t) => {
  const closed = join(t.testdir(), 'closed');
  mkdirSync(closed);
  chmodSync(closed, 0);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  const itself = messageFor(closed);
  const below = messageFor(join(closed, 'new'));
  if (isRoot) process.seteuid?.(0);
  chmodSync(closed, 0o700);
  t.match(itself, `${closed}: this user may not use it.`);
  t.match(below, `${join(closed, 'new')}: this user may not use it.`);
});
