import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import t from 'tap';
import { ENTRIES } from '../entries.ts';

const PACKAGE = join(import.meta.dirname, '..');

/** The declaration of an export of the package. */
interface Declaration {
  readonly file: string;
  readonly name: string;
}

const api = readFileSync(join(PACKAGE, 'API.md'), 'utf8');

/** The exports of a module, types included, with their declarations. Follows re-exports. */
function exportsOf(file: string): Map<string, Declaration> {
  const text = readFileSync(file, 'utf8');
  const found = new Map<string, Declaration>();
  for (const [, list = '', from] of text.matchAll(/^export (?:type )?\{([^}]*)\}(?: from '([^']+)')?;/gm)) {
    if (from === undefined) throw new Error(`${file}: export what is declared where it is declared`);
    const exported = exportsOf(createRequire(file).resolve(from));
    for (const part of list.split(',').map((each) => each.trim())) {
      if (part === '') continue;
      const [name = '', alias = name] = part.split(' as ');
      const declaration = exported.get(name);
      if (declaration === undefined) throw new Error(`${file}: ${from} does not export ${name}`);
      found.set(alias, declaration);
    }
  }
  for (const [, from = ''] of text.matchAll(/^export \* from '([^']+)';/gm))
    for (const [name, declaration] of exportsOf(createRequire(file).resolve(from)))
      if (!found.has(name)) found.set(name, declaration);
  if (/^export default/m.test(text)) throw new Error(`${file}: name what is exported`);
  for (const [, name = ''] of text.matchAll(DECLARATION)) found.set(name, { file, name });
  return found;
}

const DECLARATION =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|let|class|interface|type|enum) (\w+)/gm;

/** The docstring right before a declaration. */
function docstringOf({ file, name }: Declaration): string | undefined {
  const text = readFileSync(file, 'utf8');
  const declaration = [...text.matchAll(DECLARATION)].find(([, declared]) => declared === name);
  const before = text.slice(0, declaration?.index);
  return /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(before)?.[1];
}

/** The names in the table below the heading of an entry. */
function listedFor(heading: string): string[] {
  const section = api.split(/^## /m).find((part) => part.startsWith(`\`${heading}\`\n`)) ?? '';
  return Array.from(section.matchAll(/^\| `(\w+)/gm), ([, name = '']) => name);
}

for (const [entry, path] of Object.entries(ENTRIES)) {
  const heading = headingOf(entry);
  const declarations = exportsOf(join(PACKAGE, path));

  t.test(`API.md lists what ${heading} exports`, async (t) => {
    t.strictSame(listedFor(heading), [...declarations.keys()].toSorted(byName));
  });

  t.test(`everything that ${heading} exports has a docstring`, async (t) => {
    for (const [name, declaration] of declarations) {
      const where = `${name} in ${relative(PACKAGE, declaration.file)}`;
      t.match(docstringOf(declaration), /\w/, where);
    }
  });
}

t.test('API.md has no heading of an entry that is gone', async (t) => {
  const headings = Array.from(api.matchAll(/^## `([^`]+)`$/gm), ([, heading]) => heading);
  t.strictSame(headings, Object.keys(ENTRIES).map(headingOf));
});

function headingOf(entry: string): string {
  return entry === 'index' ? '@tandem/telemetry' : `@tandem/telemetry/${entry}`;
}

function byName(a: string, b: string): number {
  return a.toLowerCase() < b.toLowerCase() ? -1 : 1;
}
