import { counted } from '../../../shared/words.ts';
import { verifyRule } from '../../rule.ts';

/** Values that differ from request to request, as a pattern of RE2. */
const VALUES = [
  '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}', // a UUID
  '(^|[^0-9A-Za-z])([0-9a-f]{16}|[0-9a-f]{24}|[0-9a-f]{32})($|[^0-9A-Za-z])', // an id in hexadecimal
  '(^|[^0-9A-Za-z.:])[0-9]{3,}($|[^0-9A-Za-z.])', // a number
  '/[0-9]+($|[/?#])', // a number in a path
  '[^ /]+@[^ /]+[.][a-z]+', // an e-mail address
  '[?&][^ =]+=', // a query
  '[a-z]+://[^ /]+/[^ ]', // a URL
].join('|');

export const valueInName = verifyRule({
  title: 'Values in the names of spans',
  find: ({ columns, countEach, text }) => {
    const { kind, name } = columns;
    const path = `regexp_replace(${text('url.path', 'http.path')}, '[?].*', '')`;
    const hasNoRoute = `${kind} IN ('server', 'client') AND ${text('http.route', 'url.template')} IS NULL`;
    const hasValue = `regexp_matches(${name}, '${VALUES}')`;
    const hasPath = `${hasNoRoute} AND length(${path}) > 1 AND contains(${name}, ${path})`;
    return countEach([
      { key: 'an id, a number or an address', condition: hasValue },
      { key: 'the path of the request', condition: `${hasPath} AND NOT ${hasValue}` },
    ]);
  },
  sentence: ({ count, key }) => `${counted(count, 'span')} with ${key} in the name`,
  node: "span.updateName('GET /users/:id') with the template of the route, and the value in an attribute",
  others: 'The name {method} {route} with the template of the route, and the value in an attribute',
});
