import { counted } from '../../../../../lib/text/words.ts';
import { verifyRule } from '../../rule.ts';

/** A number, as a pattern of RE2: of a request, or one that the operation's name has. */
const NUMBER = '(^|[^0-9A-Za-z.:])[0-9]{3,}($|[^0-9A-Za-z.])';
/** Values that differ from request to request by their form, as a pattern of RE2. */
const VALUES = [
  '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}', // a UUID
  '(^|[^0-9A-Za-z])([0-9a-f]{16}|[0-9a-f]{24}|[0-9a-f]{32})($|[^0-9A-Za-z])', // an id in hexadecimal
  '/[0-9]+($|[/?#])', // a number in a path
  '[^ /]+@[^ /]+[.][a-z]+', // an e-mail address
  '[?&][^ =]+=', // a query
  '[a-z]+://[^ /]+/[^ ]', // a URL
].join('|');

/** An operation has more spans per name, and a service fewer operations whose names are equal but for a number or path. */
const [FEW_SPANS, MANY_NAMES] = [5, 50];

export const valueInName = verifyRule({
  title: 'Values in the names of spans',
  find: async ({ columns, find, findNames, names, text }) => {
    const { kind, name } = columns;
    const path = `regexp_replace(${text('url.path', 'http.path')}, '[?].*', '')`;
    const hasNoRoute = `${kind} IN ('server', 'client') AND ${text('http.route', 'url.template')} IS NULL`;
    const hasValue = (text: string) => `regexp_matches(${text}, '${VALUES}')`;
    const hasNumber = (text: string) => `regexp_matches(${text}, '${NUMBER}')`;
    const hasPath = `${hasNoRoute} AND length(${path}) > 1 AND contains(${name}, ${path})`;
    const varies = (spans: string, names: string) =>
      `${spans} < ${FEW_SPANS} * ${names} OR ${names} > ${MANY_NAMES}`;
    const values = await find(
      `SELECT service, sum(spans), max(example) FROM (
        SELECT service, CASE WHEN NOT has_value THEN regexp_replace(name, '[0-9]+', '', 'g') END AS rest, sum(spans) AS spans, max(example) AS example
        FROM (SELECT *, ${hasValue('name')} AS has_value FROM ${names}) WHERE has_value OR ${hasNumber('name')} GROUP BY 1, 2
        HAVING ${varies('sum(spans)', 'count(*)')} OR bool_or(has_value)
      ) GROUP BY 1 ORDER BY 1`,
    );
    const paths = await findNames(
      `${hasPath} AND NOT ${hasValue(name)} AND NOT ${hasNumber(name)}`,
      `replace(${name}, ${path}, '')`,
      varies('count(*)', `approx_count_distinct(${name})`),
    );
    return [
      ...values.map((fault) => ({ ...fault, key: 'an id, a number or an address' })),
      ...paths.map((fault) => ({ ...fault, key: 'the path of the request' })),
    ];
  },
  sentence: ({ count, key }) => `${counted(count, 'span')} with ${key} in the name`,
  node: "span.updateName('GET /users/:id') with the template of the route, and the value in an attribute",
  others: 'The name {method} {route} with the template of the route, and the value in an attribute',
});
