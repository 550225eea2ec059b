import { knownAttribute } from '../../../../../core/conventions/attributes.ts';
import { verifyRule } from '../../rule.ts';

/** Left out: names of metrics that applications use for something else, and usual attributes of exceptions and log records. */
const IGNORED = new Set(['state', 'pool.name', 'event.name', 'exception.escaped']);

/** The value of OTEL_SEMCONV_STABILITY_OPT_IN that asks for the new names, by namespace. */
const OPT_IN: Readonly<Record<string, string>> = {
  http: 'http',
  net: 'http',
  db: 'database',
  messaging: 'messaging',
  rpc: 'rpc',
};

export const deprecatedName = verifyRule({
  title: 'Old names of attributes',
  find: ({ findFields }) =>
    findFields((name) => knownAttribute(name)?.deprecated !== undefined && !IGNORED.has(name)),
  sentence: ({ key: name, rows }) => {
    const { by = [], deprecated = '' } = knownAttribute(name) ?? {};
    const instead =
      by.length > 0 ? `replaced by ${by.join(', ')}` : `deprecated: ${deprecated.replace(/\.$/, '')}`;
    return `${name} is on ${rows}: ${instead}`;
  },
  node: ({ key: name }) => {
    const area = OPT_IN[name.slice(0, name.indexOf('.'))];
    const [instead] = knownAttribute(name)?.by ?? [];
    const own = instead === undefined ? `leave ${name} out` : `${instead} in place of ${name}`;
    if (area === undefined) return own;
    return `A newer version of the instrumentation, or OTEL_SEMCONV_STABILITY_OPT_IN=${area}; of your own spans: ${own}`;
  },
});
