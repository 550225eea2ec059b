import { knownAttribute } from '../../conventions/attributes.ts';
import { countFields } from '../count-fields.ts';
import type { Found, Mend, Rule } from '../rule.ts';

/** Names of metrics that applications use for something else, and what exceptions and log records have had for long. */
const IGNORED = new Set(['state', 'pool.name', 'event.name', 'exception.escaped']);

/** Attributes with a deprecated name. */
export const deprecatedName: Rule = {
  name: 'deprecated-name',
  async find(reading) {
    const isOld = (name: string) => knownAttribute(name)?.deprecated !== undefined && !IGNORED.has(name);
    const found = await countFields(reading, isOld);
    return found.map(({ name, rows, ...each }): Found => {
      const { by = [], deprecated = '' } = knownAttribute(name) ?? {};
      const instead =
        by.length > 0 ? `replaced by ${by.join(', ')}` : `deprecated: ${deprecated.replace(/\.$/, '')}`;
      return { ...each, sentence: `${name} is on ${rows}: ${instead}`, mend: mendOf(name, by[0]) };
    });
  },
};

function mendOf(name: string, by: string | undefined): Mend {
  const [, area] = /^(http|net|db|messaging|rpc)\./.exec(name) ?? [];
  const optIn = area === 'net' ? 'http,database' : area === 'db' ? 'database' : area;
  const own = by === undefined ? `Leave ${name} out` : `span.setAttribute('${by}', …) in place of '${name}'`;
  const setting = `OTEL_SEMCONV_STABILITY_OPT_IN=${optIn}, or a newer version of the instrumentation`;
  if (by === 'deployment.environment.name') {
    const resource = 'OTEL_RESOURCE_ATTRIBUTES=deployment.environment.name=…';
    return { node: resource, others: resource };
  }
  return optIn === undefined
    ? { node: own, others: by === undefined ? own : `${by} in place of ${name}` }
    : { node: `${setting}; of your own spans: ${own}`, others: setting };
}
