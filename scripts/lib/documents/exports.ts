import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ENTRIES } from '../../../packages/telemetry/entries.ts';
import { ROOT } from '../../../tools/root.ts';
import { code, table } from './table.ts';

export const EXPORTS_PATH = 'packages/telemetry/API.md';
const PACKAGE = join(ROOT, 'packages', 'telemetry');

/** The declaration of an export of the package. */
export interface Declaration {
  readonly file: string;
  readonly name: string;
}

const DECLARATION =
  /^export (?:declare )?(?:abstract )?(?:async )?(function\*?|const|let|class|interface|type|enum) (\w+)/gm;

/** The names that an entry exports, types included, with their declarations. Follows re-exports. @throws Error for what it cannot follow */
export function exportsOf(file: string): Map<string, Declaration> {
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
  for (const [, , name = ''] of text.matchAll(DECLARATION)) found.set(name, { file, name });
  return found;
}

/** The text of the docstring right before a declaration, on one line; empty without one. */
export function docstringOf(declaration: Declaration): string {
  const [, comment = ''] = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(partsOf(declaration).before) ?? [];
  return comment.replaceAll(/\s*\n\s*\*?\s?/g, ' ').trim();
}

function partsOf({ file, name }: Declaration): { before: string; keyword: string } {
  const text = readFileSync(file, 'utf8');
  const declaration = [...text.matchAll(DECLARATION)].find(([, , declared]) => declared === name);
  return { before: text.slice(0, declaration?.index), keyword: declaration?.[1] ?? '' };
}

/** API.md: every export of every entry, with the first sentence of its docstring. */
export function exportsText(): string {
  const sections = Object.entries(ENTRIES).map(([entry, path]) => {
    const name = entry === 'index' ? '@tandem/telemetry' : `@tandem/telemetry/${entry}`;
    const rows = [...exportsOf(join(PACKAGE, path))]
      .toSorted(([a], [b]) => a.localeCompare(b, 'en'))
      .map(([exported, declaration]) => [
        code(exported),
        kindOf(partsOf(declaration).keyword),
        firstSentence(docstringOf(declaration)).replaceAll('|', '\\|'),
      ]);
    return `## ${code(name)}\n\n${table(['Export', 'Kind', 'What it is'], rows)}`;
  });
  return `# Exports of @tandem/telemetry

<!-- node tandem documents writes this file -->
Every export of every entry. Its docstring, which editors show, also has units, errors and the specification. [Settings](../../docs/reference/settings.md#tracing-and-log-lines-of-the-services) has the variables.

${sections.join('\n\n')}
`;
}

function kindOf(keyword: string): string {
  if (keyword === 'interface' || keyword === 'type') return 'type';
  return keyword === 'const' ? 'value' : keyword.replace('*', '');
}

/** Up to the first full stop that ends a sentence: not one in code. */
function firstSentence(text: string): string {
  const [sentence = text] = /^(?:`[^`]*`|[^`])*?[.!?](?=\s|$)/.exec(text) ?? [];
  return sentence.replace(/ @(?:param|returns?|throws|example)\b[\s\S]*$/, '');
}
