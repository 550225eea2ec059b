import { readJsonFile } from '../../../lib/node/json-file.ts';
import type { Expression } from '../parse/expression/parse.ts';
import { parseExpression } from '../parse/expression/parse.ts';
import { ExpressionError } from '../parse/expression/tokens.ts';
import type { SavedField, UsableField } from '../parse/saved-fields.ts';

export const FIELD_FILE = 'calculated-fields.json';
/** Most queries, and most calculated fields, of one folder. A person does not find anything among more. */
export const MAX_SAVED = 500;
/** Longest chain of saved fields, where each field uses the next. Compiling is recursive over the chain. */
const MAX_CHAIN = 16;

/** The content of the file of calculated fields. */
export interface SavedFieldList {
  /** Fields with a name and an expression, in the order of the file. */
  readonly fields: readonly UsableField[];
  /** Mistakes of the other entries, each with its index in the file. */
  readonly problems: readonly string[];
}

/**
 * The list in a file, unchecked. Empty when there is no file.
 * @throws Error that names the fault of the file as a whole
 */
export async function readFieldFile(path: string): Promise<readonly unknown[]> {
  const list = (await readJsonFile(path)) ?? [];
  if (!Array.isArray(list)) throw new Error('is not a JSON list');
  return list;
}

/** The calculated fields of a list. An unusable field has the reason. */
export function fieldsOfList(list: readonly unknown[]): SavedFieldList {
  const problems = list.length > MAX_SAVED ? [`has ${list.length} fields; ${MAX_SAVED} are read`] : [];
  const fields = list.slice(0, MAX_SAVED).flatMap((given, i): UsableField[] => {
    const each = given as Partial<SavedField> | null;
    if (typeof each?.alias === 'string' && each.alias !== '' && typeof each.expression === 'string') {
      const { alias, expression, description = '' } = each;
      const at = `${FIELD_FILE}[${i}]`;
      return [{ alias, expression, description: String(description), at, read: readTree(expression) }];
    }
    problems.push(`[${i}] has no alias and expression`);
    return [];
  });
  return { fields: checked(fields), problems };
}

function readTree(expression: string): UsableField['read'] {
  try {
    return { tree: parseExpression(expression) };
  } catch (error) {
    if (error instanceof ExpressionError) return { problem: error.message };
    throw error;
  }
}

/** Checks fields against each other: no name twice, and no field that depends on itself. */
function checked(fields: readonly UsableField[]): UsableField[] {
  const usable = usableNames(fields);
  return fields.map((field) => {
    if ('problem' in field.read) return field;
    const isTwice = fields.some((each) => each !== field && each.alias === field.alias);
    if (isTwice) return { ...field, read: { problem: 'is there more than once' } };
    if (usable.has(field.alias)) return field;
    const problem = `uses itself through other fields, or needs more than ${MAX_CHAIN} fields, one after the other`;
    return { ...field, read: { problem } };
  });
}

/** Names of the fields that depend on a chain of at most `MAX_CHAIN` fields. */
function usableNames(fields: readonly UsableField[]): ReadonlySet<string> {
  const saved = new Set(fields.map(({ alias }) => alias));
  const used = fields.map(({ alias, read }) => {
    const columns = 'tree' in read ? columnsOf(read.tree) : [];
    return { alias, fields: columns.filter((name) => saved.has(name)) };
  });
  const usable = new Set<string>();
  for (let length = 1; length <= MAX_CHAIN; length++) {
    // All fields with chains of one length are found together, so that each uses only fields with shorter chains.
    const found = used.filter(({ fields }) => fields.every((name) => usable.has(name)));
    for (const { alias } of found) usable.add(alias);
  }
  return usable;
}

function columnsOf(expression: Expression): string[] {
  if (expression.kind === 'column') return [expression.name];
  return expression.kind === 'call' ? expression.args.flatMap(columnsOf) : [];
}

/** All mistakes of a list and of its fields. */
export function problemsOf({ fields, problems }: SavedFieldList): string[] {
  const own = fields.flatMap(({ at, alias, read }) =>
    'problem' in read ? [`${at.slice(FIELD_FILE.length)}.expression: ${alias}: ${read.problem}`] : [],
  );
  return [...problems, ...own];
}
