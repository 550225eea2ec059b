import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative } from 'node:path';
import t from 'tap';
import { COMMANDS } from '../helpers/launch/commands.ts';
import { ROOT } from '../helpers/processes.ts';

/** `from '…'` of imports that run, and `import('…')`. Node leaves out what is imported as a type. */
const IMPORT =
  /^(?:import|export)\s+(?!type\b)(?:[^'"();]{0,2000}\sfrom\s+)?'([^'\n]+)'|\bimport\('([^'\n]+)'\)/gm;

/** Commands for which `node tandem` installs only what runs: those without `tools`. */
const commands = Object.entries(COMMANDS).filter(([, { tools }]) => !tools);

/** The file that an import of another one names; undefined for a package. */
function fileOf(from: string, named: string): string | undefined {
  return named.startsWith('.') ? join(dirname(from), named) : undefined;
}

/** The packages that are installed for a file: those that its package's code needs when it runs. */
function installedFor(folder: string): ReadonlySet<string> {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return installedFor(dirname(folder));
  const {
    name,
    dependencies = {},
    peerDependencies = {},
    optionalDependencies = {},
  } = JSON.parse(readFileSync(path, 'utf8'));
  const all = [dependencies, peerDependencies, optionalDependencies];
  return new Set([name, ...all.flatMap((each) => Object.keys(each))]);
}

/** Imports of packages by a file and all that it imports that are not installed for it. */
function missing(path: string, seen: Set<string>): string[] {
  if (seen.has(path) || !path.endsWith('.ts')) return [];
  seen.add(path);
  const installed = installedFor(dirname(path));
  return [...readFileSync(path, 'utf8').matchAll(IMPORT)].flatMap(([, fixed, later = '']) => {
    const named = fixed ?? later;
    const file = fileOf(path, named);
    if (file !== undefined) return missing(file, seen);
    const name = named.split('/', named.startsWith('@') ? 2 : 1).join('/');
    return isBuiltin(named) || named.startsWith('#') || installed.has(name)
      ? []
      : [`${relative(ROOT, path)}: ${named}`];
  });
}

t.test('commands without tools import only what is installed for them', async (t) => {
  for (const name of ['dev', 'doctor', 'start', 'load', 'open', 'honeycomb:check', 'trace'])
    t.ok(
      commands.some(([each]) => each === name),
      name,
    );
  const seen = new Set<string>();
  for (const [name, { runs = '' }] of commands)
    for (const [path] of runs.matchAll(/[\w./-]+\.ts\b/g)) t.same(missing(join(ROOT, path), seen), [], name);
  t.ok(seen.size > 400, `${seen.size} files`);
});
