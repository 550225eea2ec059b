import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { nodeParts } from '../packages/trace-explorer/src/parts.node.ts';
import { ROOT } from './helpers/processes.ts';

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

t.test("every command of the explorer is one of the workspace's", async (t) => {
  for (const name of nodeParts.flatMap(({ commands = {} }) => Object.keys(commands)))
    t.match(scripts[name], `packages/trace-explorer/src/main.ts ${name}`, name);
});

t.test('every command is listed, with what it does', async (t) => {
  const text = execFileSync(process.execPath, [join(ROOT, 'tandem.js')], { encoding: 'utf8' });
  const listed = text.split('\n').flatMap((line) => /^ {2}(\S+) {2,}(\S.*)$/.exec(line)?.[1] ?? []);
  t.strictSame(listed.toSorted(), ['install', ...Object.keys(scripts)].toSorted()); // no script: each command installs first
});
