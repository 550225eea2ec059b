import { join } from 'node:path';
import t from 'tap';
import { annotations } from '../../../src/core/command/annotations.ts';

const folder = process.cwd();
const env = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: join(folder, '..') };
const here = folder.slice(join(folder, '..').length).replace(/^\//, '');

t.test('in GitHub Actions, lines of code are named as the workspace sees them, and escaped', async (t) => {
  const what = 'a: 50 %\n::error::b';
  t.equal(
    annotations([{ file: 'src/a,b.js', line: 7, what }], env),
    `::warning file=${here}/src/a%2Cb.js,line=7::a: 50 %25%0A::error::b\n`,
  );
  t.equal(annotations([{ file: 'a.js', what: 'b' }], env), `::warning file=${here}/a.js::b\n`);
  t.equal(annotations([{ file: '../../a.js', what: 'b' }], env), '', 'a file outside of the workspace');
  const many = Array.from({ length: 12 }, () => ({ file: 'a.js', what: 'b' }));
  t.equal(annotations(many, env).trim().split('\n').length, 10);
  t.equal(annotations(many, {}), '', 'nowhere else');
});
