import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Dependencies of a package of the workspace in pnpm's lock file, which are in the order of their names. */
const DEPENDENCIES = /(?:^ {6}\S+:\n(?: {8}.*\n)+)+/gm;

/**
 * Writes the scope of the packages into every file of the repository in `root` that has another one: imports, manifests,
 * commands in documents, agents' settings, names of tarballs.
 *
 * @returns the changed files
 */
export function writeScope(root: string, scope: string): string[] {
  const manifest = readFileSync(join(root, 'packages/telemetry/package.json'), 'utf8');
  const [former = scope] = JSON.parse(manifest).name.split('/');
  if (former === scope) return [];
  const names = new RegExp(`${former}(?![\\w-])`, 'g');
  const tarballs = new RegExp(`(?<![\\w@-])${former.slice(1)}-(?=(?:telemetry|trace-explorer)-[\\d*])`, 'g');
  const files = execFileSync('git', ['ls-files'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  return files.filter((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const renamed = text.replaceAll(names, scope).replaceAll(tarballs, `${scope.slice(1)}-`);
    const own = file === 'pnpm-lock.yaml' ? renamed.replaceAll(DEPENDENCIES, sorted) : renamed;
    if (own !== text) writeFileSync(join(root, file), own);
    return own !== text;
  });
}

function sorted(dependencies: string): string {
  const each = dependencies.match(/^ {6}\S+:\n(?: {8}.*\n)+/gm) ?? [];
  const nameOf = (text: string) => /[^\s':]+/.exec(text)?.[0] ?? '';
  return each.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1)).join('');
}
