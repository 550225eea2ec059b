import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ROOT } from './helpers/processes.ts';

t.test('every command is listed, with what it does', async (t) => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const text = execFileSync(process.execPath, [join(ROOT, 'tandem.js')], { encoding: 'utf8' });
  const listed = text.split('\n').flatMap((line) => /^ {2}(\S+) {2,}(\S.*)$/.exec(line)?.[1] ?? []);
  t.strictSame(listed.toSorted(), ['install', ...Object.keys(scripts)].toSorted()); // no script: each command installs first
});
