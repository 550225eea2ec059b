import type { Expression } from '../query/compile/expression/parse.ts';
import { parseExpression } from '../query/compile/expression/parse.ts';
import { ExpressionError } from '../query/compile/expression/tokens.ts';
import type { SavedField, UsableField } from '../query/parse/saved-fields.ts';
import { readJsonFile } from './json-file.ts';

/** The file of a folder that has its calculated fields. */
export const FIELD_FILE = 'calculated-fields.json';
/** Queries, and calculated fields, of one folder: what a person can find their way in. */
export const MAX_SAVED = 500;
/** Saved fields that use each other, one through the other; compiling recurses over them. */
const MAX_CHAIN = 16;

/** What the file of calculated fields says. */
export interface FieldList {
  /** Those with a name and an expression, in the order of the file, with whatever else the file has of them. */
  readonly fields: readonly UsableField[];
  /** What is wrong with the others, each with its place in the file. */
  readonly problems: readonly string[];
}

/**
 * The list in a file, as it stands there; an empty one where there is no file.
 * @throws Error that says what is wrong with the file as a whole
 */
export async function readFieldFile(path: string): Promise<readonly unknown[]> {
  const list = (await readJsonFile(path)) ?? [];
  if (!Array.isArray(list)) throw new Error('is no JSON list');
  return list;
}

/** The calculated fields of a list. Of a field that cannot be used is said why. */
export function fieldsOf(list: readonly unknown[]): FieldList {
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

/** Fields as they can be used beside each other: none that is there twice, and none that leads back to itself. */
function checked(fields: readonly UsableField[]): UsableField[] {
  const all = new Map(fields.map((field) => [field.alias, field]));
  const chains = new Chains(all);
  return fields.map((field) => {
    const isTwice = fields.some((each) => each !== field && each.alias === field.alias);
    const problem = isTwice ? 'is there more than once' : chains.of(field, []).problem;
    return problem === undefined ? field : { ...field, read: { problem } };
  });
}

/** Which fields each is made of, found once per field. */
class Chains {
  readonly #all: ReadonlyMap<string, UsableField>;
  readonly #known = new Map<string, { readonly length: number; readonly problem?: string }>();

  constructor(all: ReadonlyMap<string, UsableField>) {
    this.#all = all;
  }

  /**
   * How many fields stand one behind the other, this one first.
   * @param above those that led here
   */
  of(field: UsableField, above: readonly string[]): { readonly length: number; readonly problem?: string } {
    const { alias, read } = field;
    const chain = [...above, alias];
    if (above.includes(alias))
      return { length: 0, problem: `uses itself: ${chain.slice(above.indexOf(alias)).join(' → ')}` };
    const known = this.#known.get(alias);
    if (known !== undefined) return known;
    const used = 'tree' in read ? [...new Set(columnsOf(read.tree))] : [];
    const below = used.flatMap((name) => this.#all.get(name) ?? []).map((each) => this.of(each, chain));
    const length = 1 + Math.max(0, ...below.map((each) => each.length));
    const tooLong = `is made of more than ${MAX_CHAIN} fields, one through the other`;
    const problem =
      below.find((each) => each.problem !== undefined)?.problem ?? (length > MAX_CHAIN ? tooLong : undefined);
    const found = { length, ...(problem !== undefined && { problem }) };
    this.#known.set(alias, found);
    return found;
  }
}

function columnsOf(expression: Expression): string[] {
  if (expression.kind === 'column') return [expression.name];
  return expression.kind === 'call' ? expression.args.flatMap(columnsOf) : [];
}

/** All that is wrong with a list, and with each field of it. */
export function problemsOf({ fields, problems }: FieldList): string[] {
  const own = fields.flatMap(({ at, alias, read }) =>
    'problem' in read ? [`${at.slice(FIELD_FILE.length)}.expression: ${alias}: ${read.problem}`] : [],
  );
  return [...problems, ...own];
}
