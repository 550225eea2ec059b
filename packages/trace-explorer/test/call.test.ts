import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { installedCommand } from '../src/core/call.ts';

const at = (cwd: string, PATH = '') => ({ cwd: () => cwd, env: { PATH } });

/** A folder in which the package is installed, as npm does it, with this package.json. */
function installed(t: Test, manifest: object = {}) {
  const root = t.testdir({ 'package.json': JSON.stringify(manifest) });
  const bin = join(root, 'node_modules/.bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'trace-explorer'), '');
  return { root, link: join(bin, 'trace-explorer') };
}

t.test('in the folder where it is installed, npx finds the command and asks no registry', async (t) => {
  const { root, link } = installed(t);
  t.equal(installedCommand(link, at(root)), 'npx --no -- trace-explorer');
  t.equal(installedCommand(link, at(join(root, 'src'))), 'npx --no -- trace-explorer');
  // pnpm and Windows start the file by a script, so Node is told the file itself.
  const file = join(root, 'node_modules/.pnpm/x/node_modules/trace-explorer/trace-explorer.mjs');
  t.equal(installedCommand(file, at(root)), 'npx --no -- trace-explorer');
});

t.test('where npx fetched the package, the command is what was typed', async (t) => {
  for (const [asked, command] of [
    ['@acme/trace-explorer', 'npx @acme/trace-explorer'],
    ['@acme/trace-explorer@0.1.1', 'npx @acme/trace-explorer@0.1.1'],
    ['./dist/x-0.1.0.tgz', 'npx --package ./dist/x-0.1.0.tgz trace-explorer'],
  ] as const) {
    const { link } = installed(t, { _npx: { packages: [asked] } });
    t.equal(installedCommand(link, at('/home/me/app')), command);
  }
});

t.test('elsewhere a shell finds the name, or the command names the file', async (t) => {
  t.equal(installedCommand('/usr/bin/trace-explorer', at('/tmp', '/bin:/usr/bin')), 'trace-explorer');
  const { root, link } = installed(t);
  t.equal(installedCommand(link, at(`${root}-2`)), `node ${link}`, 'another folder');
  t.equal(installedCommand('/opt/x/trace-explorer', at('/tmp', '/bin')), 'node /opt/x/trace-explorer');
  t.equal(installedCommand('/opt/my files/main.js', at('/tmp')), "node '/opt/my files/main.js'");
});
