import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import t from 'tap';
import { parse } from 'yaml';
import { ROOT } from '../helpers/processes.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

t.test(
  'every manifest and configuration belongs to a kustomization, or is started by a compose file',
  (t) => {
    const folders = new Map<string, string[]>();
    for (const path of globSync('deploy/**/kustomization.yaml', { cwd: ROOT })) {
      const { resources = [], patches = [], configMapGenerator = [] } = parse(read(path));
      const named = [...resources, ...patches.map((patch: { path: string }) => patch.path)];
      const files = [...named, ...configMapGenerator.flatMap((each: { files: string[] }) => each.files)];
      folders.set(dirname(path), files);
    }
    const started = ['docker-compose.yml', 'scripts/copy.ts', ...globSync('deploy/compose/*', { cwd: ROOT })]
      .map(read)
      .join('\n');
    const isUsed = (path: string) =>
      [...folders].some(
        ([folder, files]) => path.startsWith(`${folder}/`) && files.includes(path.slice(folder.length + 1)),
      ) || started.includes(basename(path));
    const all = globSync('deploy/**/*.{yaml,yml,template}', { cwd: ROOT });
    t.ok(all.length > 25);
    t.strictSame(
      all.filter((path) => !path.endsWith('kustomization.yaml') && !isUsed(path)),
      [],
    );
    t.end();
  },
);

t.test('the rolling restart is a script that bash reads, and it says what it needs', (t) => {
  const script = 'deploy/compose/rolling-restart.sh';
  const bash = (...args: string[]) => spawnSync('bash', args, { cwd: ROOT, encoding: 'utf8' });
  t.match(bash('-n', script), { status: 0, stderr: '' });
  const without = bash(script);
  t.not(without.status, 0);
  t.match(without.stderr, 'which service? activities-api or user-lookup');
  t.end();
});
