import { counted } from '../../../../../core/shared/words.ts';
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
  find: async ({ columns, findNames, text }) => {
    const { kind, name } = columns;
    const path = `regexp_replace(${text('url.path', 'http.path')}, '[?].*', '')`;
    const hasNoRoute = `${kind} IN ('server', 'client') AND ${text('http.route', 'url.template')} IS NULL`;
    const hasValue = `regexp_matches(${name}, '${VALUES}')`;
    const hasNumber = `regexp_matches(${name}, '${NUMBER}')`;
    const hasPath = `${hasNoRoute} AND length(${path}) > 1 AND contains(${name}, ${path})`;
    const names = `approx_count_distinct(${name})`;
    const varies = `count(*) < ${FEW_SPANS} * ${names} OR ${names} > ${MANY_NAMES}`;
    const values = await findNames(
      `(${hasValue} OR ${hasNumber})`,
      `CASE WHEN NOT ${hasValue} THEN regexp_replace(${name}, '[0-9]+', '', 'g') END`,
      `${varies} OR bool_or(${hasValue})`,
    );
    const paths = await findNames(
      `${hasPath} AND NOT ${hasValue} AND NOT ${hasNumber}`,
      `replace(${name}, ${path}, '')`,
      varies,
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
