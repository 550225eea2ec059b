import t from 'tap';
import { installedCommand } from '../src/core/call.ts';

const at = (cwd: string, PATH = '') => ({ cwd: () => cwd, env: { PATH } });

t.test('the command of an installed explorer is one that a shell finds', async (t) => {
  const local = '/home/me/app/node_modules/.bin/trace-explorer';
  t.equal(installedCommand(local, at('/home/me/app')), 'npx --no trace-explorer');
  t.equal(installedCommand(local, at('/home/me/app/src')), 'npx --no trace-explorer');
  t.equal(installedCommand('/usr/bin/trace-explorer', at('/tmp', '/bin:/usr/bin')), 'trace-explorer');
});

t.test('where a shell finds no name, the command names the file', async (t) => {
  const cached = '/home/me/.npm/_npx/1f/node_modules/.bin/trace-explorer';
  const binFolder = '/home/me/.npm/_npx/1f/node_modules/.bin';
  t.equal(installedCommand(cached, at('/home/me/app', binFolder)), `node ${cached}`, 'the cache of npx');
  const local = '/home/me/app/node_modules/.bin/trace-explorer';
  t.equal(installedCommand(local, at('/home/me/app-2')), `node ${local}`, 'another folder');
  t.equal(installedCommand('/opt/x/trace-explorer', at('/tmp', '/bin')), 'node /opt/x/trace-explorer');
  t.equal(installedCommand('/opt/my files/main.js', at('/tmp')), "node '/opt/my files/main.js'");
});
