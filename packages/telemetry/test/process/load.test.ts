import { globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import t from 'tap';

const PACKAGE = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(PACKAGE, path), 'utf8');

/** The parts that a source loads, each with the file whose type it says. */
function partsOf(file: string): [name: string, path: string][] {
  const text = read(file);
  const aliases = new Map(
    Array.from(text.matchAll(/^type (\w+) = typeof import\('([^']+)'\);/gm), ([, name = '', path = '']) => [
      name,
      path,
    ]),
  );
  return Array.from(
    text.matchAll(/\bload<(?:typeof import\(\s*'([^']+)'\s*\)|(\w+))>\(\s*'([\w-]+)'/g),
    ([, path, alias = '', name = '']) => [name, resolve(dirname(file), path ?? aliases.get(alias) ?? '')],
  );
}

t.test('a part that is loaded is the file of its type, and each file of `imports` is loaded', async (t) => {
  const { imports }: { imports: Record<string, string> } = JSON.parse(read('package.json'));
  const loaded = globSync('src/**/*.ts', { cwd: PACKAGE }).flatMap(partsOf);
  t.strictSame(
    Object.fromEntries(loaded.toSorted()),
    Object.fromEntries(
      Object.entries(imports)
        .map(([name, path]): [string, string] => [name.slice(1), resolve(path)])
        .toSorted(),
    ),
  );
});
