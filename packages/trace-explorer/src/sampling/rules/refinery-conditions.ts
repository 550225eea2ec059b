import type { FieldType } from '../../fields/field-type.ts';
import type { Gathered } from './gathered.ts';
import { literal, matchesSql } from './gathered.ts';
import type { Section } from './section.ts';

/** SQL of a value, and its type. */
interface Value {
  readonly sql: string;
  readonly type: FieldType;
}

const COMPARISONS = new Set(['=', '!=', '<', '<=', '>', '>=']);
const FALSE_OR = (sql: string) => `coalesce(${sql}, false)`;

/** A field of a row; with the prefix `root.` that of the root span. */
export function refineryField(name: string, gathered: Gathered): Value {
  if (name === '?.NUM_DESCENDANTS') return { sql: gathered.fact('count(*)'), type: 'integer' };
  const isOfRoot = name.startsWith('root.');
  const field = gathered.fields.get(isOfRoot ? name.slice('root.'.length) : name);
  if (field === undefined) return { sql: 'CAST(NULL AS VARCHAR)', type: 'string' };
  const { sql, type } = field;
  return { sql: isOfRoot ? gathered.fact(`arg_max(${sql}, t_end) FILTER (t_root)`) : sql, type };
}

/** Reads a condition. @returns SQL over one row: the first of the condition's fields that the row has decides */
export function readCondition(section: Section, scope: string, gathered: Gathered): string {
  const field = section.text('Field', '');
  const names = section.texts('Fields');
  if (field !== '' && names.length > 0) section.fail('name Field or Fields, not both.');
  const operator = section.text('Operator');
  const given = section.value('Value');
  const type = section.text('Datatype', '');
  section.close();
  if (operator === 'has-root-span') {
    const wanted = String(given).toLowerCase() === 'true' || given === 1;
    // On a span, this operator never holds.
    return scope === 'span' ? 'false' : `${gathered.fact('bool_or(t_root)')} = ${wanted}`;
  }
  const values = (field === '' ? names : [field]).map((name) => refineryField(name, gathered));
  const test = (value: Value) =>
    testSql(value, operator, given, type) ??
    section.fail(`Operator ${operator}, Datatype ${type || 'none'} and the Value do not fit.`);
  const cases = values.map((value) => `WHEN ${value.sql} IS NOT NULL THEN ${test(value)}`);
  return `CASE ${cases.join(' ')} ELSE ${test({ sql: 'CAST(NULL AS VARCHAR)', type: 'string' })} END`;
}

/** The test of a value, as Refinery 3.2 converts values. Undefined for a condition that Refinery refuses. */
function testSql(value: Value, operator: string, given: unknown, type: string): string | undefined {
  if (COMPARISONS.has(operator)) return comparisonSql(value, operator, given, type);
  const [text, wanted] = [textSql(value), literal(goText(given))];
  switch (operator) {
    case 'exists':
      return `${value.sql} IS NOT NULL`;
    case 'not-exists':
      return `${value.sql} IS NULL`;
    case 'starts-with':
      return `starts_with(${text}, ${wanted})`;
    case 'contains':
      return `contains(${text}, ${wanted})`;
    case 'does-not-contain':
      return `NOT contains(${text}, ${wanted})`;
    case 'matches':
      return matchesSql(text, goText(given));
    case 'in':
    case 'not-in': {
      if (type === 'bool') return undefined;
      const convert = conversionTo(type) ?? textSql;
      const values = (Array.isArray(given) ? given : [given]).map((each) => convert(givenValue(each)));
      return `${operator === 'in' ? '' : 'NOT '}${FALSE_OR(`${convert(value)} IN (${values.join()})`)}`;
    }
    default:
      return undefined;
  }
}

function comparisonSql(value: Value, operator: string, given: unknown, type: string): string | undefined {
  const wanted = givenValue(given);
  const compare = (convert: (value: Value) => string) =>
    FALSE_OR(`${convert(value)} ${operator} ${convert(wanted)}`);
  const convert = conversionTo(type);
  if (convert !== undefined) return Number.isFinite(Number(given)) ? compare(convert) : undefined;
  if (type === 'string') return compare(textSql);
  if (type === 'bool') {
    const isTrue = (each: Value) => `${textSql(each)} IN ('1', 't', 'T', 'true', 'TRUE', 'True')`;
    if (operator !== '=' && operator !== '!=') return undefined;
    return `${value.sql} IS NOT NULL AND (${isTrue(value)}) ${operator} (${isTrue(wanted)})`;
  }
  if (type !== '') return undefined;
  const isNumber = (each: Value) => each.type === 'integer' || each.type === 'float';
  const areOfOneType = value.type === wanted.type || (isNumber(value) && isNumber(wanted));
  return areOfOneType ? compare(({ sql }) => sql) : 'false';
}

/** The number that Refinery reads of a value; NULL for none. */
function conversionTo(type: string): ((value: Value) => string) | undefined {
  if (type !== 'int' && type !== 'float') return undefined;
  return ({ sql, type: own }) => {
    if (own === 'boolean') return 'NULL';
    if (type === 'float') return `TRY_CAST(${sql} AS DOUBLE)`;
    if (own === 'string')
      return `CASE WHEN regexp_full_match(${sql}, '[+-]?[0-9]+') THEN TRY_CAST(${sql} AS DOUBLE) END`;
    return `trunc(${sql})`;
  };
}

function givenValue(given: unknown): Value {
  if (typeof given === 'number')
    return { sql: literal(given), type: Number.isInteger(given) ? 'integer' : 'float' };
  return typeof given === 'boolean'
    ? { sql: literal(given), type: 'boolean' }
    : { sql: literal(goText(given)), type: 'string' };
}

/** A value as Go's `%v` prints it. NULL is `<nil>`. */
function textSql(value: Value): string {
  return `coalesce(${plainText(value)}, '<nil>')`;
}

/** A value as Go's `%v` prints it. */
export function plainText({ sql, type }: Value): string {
  if (type === 'string') return sql;
  const text = `CAST(${sql} AS VARCHAR)`;
  return type === 'float' ? `regexp_replace(${text}, '[.]0$', '')` : text;
}

function goText(value: unknown): string {
  return value === undefined || value === null ? '<nil>' : String(value);
}
