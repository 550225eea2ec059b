import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { KnownAttribute } from '../../../packages/trace-explorer/src/core/conventions/attributes.ts';

const PACKAGE = dirname(fileURLToPath(import.meta.resolve('@opentelemetry/semantic-conventions')));

/** An attribute's documentation, its constant, and its name, or for a family of names the type of a function. */
const DECLARED = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*declare const ATTR_(\w+)(?:: "([^"]+)")?/g;
/** One value of an attribute with few values. */
const VALUE = /\{@link ATTR_(\w+)\}(?:(?!\*\/)[\s\S])*\*\/\s*declare const \w+_VALUE_\w+: ("|\d)/g;
/** Texts whose examples look like numbers. */
const IS_TEXT =
  /(?:\.id|[._](?:version|revision|mode|inode|postal_code|api_level)|annotation\.\*|image\.version)$|^network\.protocol/;
/** Identifiers that are numbers all the same. */
const IS_NUMBER = /^(?:process|thread)\..*id$/;

/**
 * `attributes.json` of the explorer, from the declarations of `@opentelemetry/semantic-conventions`: the attributes with their
 * types, as far as the examples and values of the declarations show them, their stability, and what replaces the deprecated.
 */
export function conventionsTable(): string {
  const rows = ['stable', 'experimental'].flatMap((stability) => {
    const file = join(PACKAGE, `${stability}_attributes`);
    const [types, code] = [readFileSync(`${file}.d.mts`, 'utf8'), readFileSync(`${file}.mjs`, 'utf8')];
    const valueTypes = new Map(
      [...types.matchAll(VALUE)].map(([, of, first]) => [of, first === '"' ? 'string' : 'int']),
    );
    return [...types.matchAll(DECLARED)].map(([, text = '', constant = '', own]) => {
      const name = own ?? familyOf(code, constant);
      const attribute: KnownAttribute = {
        ...typed(name, text, valueTypes.get(constant)),
        ...(stability === 'stable' && { stable: true }),
        ...replaced(text),
      };
      return [name, attribute] as const;
    });
  });
  const lines = rows
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, attribute]) => `  ${JSON.stringify(name)}: ${JSON.stringify(attribute)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** `http.request.header.*`: the names that a function makes. */
function familyOf(code: string, constant: string): string {
  const [, prefix = ''] = new RegExp(`ATTR_${constant} = \\(key\\) => \`([^$]+)`).exec(code) ?? [];
  return `${prefix}*`;
}

function typed(name: string, text: string, ofValues: string | undefined): Pick<KnownAttribute, 'type'> {
  const examples = [...text.matchAll(/@example (.*)/g)].map(([, example = '']) => typeOf(example));
  const [type = ofValues, ...others] = new Set(examples);
  if (type === undefined) return {};
  if (type !== 'array' && IS_TEXT.test(name) && !IS_NUMBER.test(name)) return { type: 'string' };
  if (others.length > 0) return type === 'string' || others.includes('string') ? { type: 'string' } : {};
  return { type: type as NonNullable<KnownAttribute['type']> };
}

function typeOf(example: string): string {
  if (example.startsWith('[')) return 'array';
  if (/^-?\d+$/.test(example)) return 'int';
  if (/^-?\d+\.\d+$/.test(example)) return 'double';
  return /^(?:true|false)$/.test(example) ? 'boolean' : 'string';
}

/** Attributes that moved to another repository of the conventions are as valid as before. */
function replaced(text: string): Pick<KnownAttribute, 'deprecated' | 'by'> {
  const [, sentence = ''] = /@deprecated (.*)/.exec(text) ?? [];
  if (sentence === '' || sentence.startsWith('Moved to')) return {};
  const deprecated = sentence
    .replace(/,? which has moved to.*/, '.')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('**', '');
  const [clause = ''] =
    /^(?:Replaced|Split|Use (?:string|`)|Record|Value should)(?:(?!, but)[\s\S])*/.exec(deprecated) ?? [];
  const by = [...clause.matchAll(/`([a-z0-9_]+(?:\.[a-z0-9_-]+)+)`/g)].flatMap(([, name]) => name ?? []);
  return { deprecated, ...(by.length > 0 && { by }) };
}
