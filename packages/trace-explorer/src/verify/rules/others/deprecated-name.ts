import { knownAttribute } from '../../../conventions/attributes.ts';
import type { Rule } from '../../rule.ts';

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

/** Attributes with a deprecated name. */
export const deprecatedName: Rule = async ({ countFields }) => {
  const found = await countFields(
    (name) => knownAttribute(name)?.deprecated !== undefined && !IGNORED.has(name),
  );
  return found.map(({ key: name, ...each }) => {
    const { by = [], deprecated = '' } = knownAttribute(name) ?? {};
    const area = OPT_IN[name.slice(0, name.indexOf('.'))];
    const setting = `A newer version of the instrumentation, or OTEL_SEMCONV_STABILITY_OPT_IN=${area}; of your own spans: `;
    return {
      ...each,
      words: {
        ...each.words,
        instead:
          by.length > 0 ? `replaced by ${by.join(', ')}` : `deprecated: ${deprecated.replace(/\.$/, '')}`,
        setting: area === undefined ? '' : setting,
        own: by[0] === undefined ? `leave ${name} out` : `${by[0]} in place of ${name}`,
      },
    };
  });
};
