import { counted } from '../../traces/findings/words.ts';
import type { Rule } from '../rule.ts';

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

/** Ids, paths and other values in span names. */
export const valueInName: Rule = {
  name: 'value-in-name',
  async find({ columns, count, text }) {
    const { kind, name } = columns;
    const path = text('url.path', 'http.path');
    const route = text('http.route', 'url.template');
    const hasValue = `regexp_matches(${name}, '${VALUES}')`;
    const found = await count({
      value: hasValue,
      path: `${kind} IN ('server', 'client') AND ${route} IS NULL AND length(${path}) > 1 AND contains(${name}, regexp_replace(${path}, '[?].*', '')) AND NOT ${hasValue}`,
    });
    return found.map(({ key, ...each }) => ({
      ...each,
      sentence:
        key === 'value'
          ? `${counted(each.count, 'span')} with an id, a number or an address in the name`
          : `${counted(each.count, 'span')} with the path of the request in the name, and without http.route or url.template`,
      mend: {
        node: "span.updateName('GET /users/:id') with the template of the route, and the value in an attribute",
        others: 'The name {method} {route} with the template of the route, and the value in an attribute',
      },
    }));
  },
};
