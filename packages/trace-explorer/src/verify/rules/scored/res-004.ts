import { knownAttribute } from '../../../conventions/attributes.ts';
import { counted } from '../../../shared/words.ts';
import type { Rule } from '../../rule.ts';
import { findRows } from '../../sample.ts';

/**
 * Names that describe the sender and stand on the resource, by hand, from the pages below
 * https://opentelemetry.io/docs/specs/semconv/resource/. Left out: `cloud`, `faas`, `aws`, `process`, `os`,
 * `browser` and `k8s`, whose pages for spans and log records use some of their names too.
 */
const RESOURCE =
  /^(?:service\.(?:name|namespace|version|instance\.id|criticality)|deployment\.environment(?:\.name)?|telemetry\.(?:sdk|distro)\..+|host\.(?:id|name|type|arch|ip|mac|image\..+)|container\.(?:id|name|image\..+)|webengine\..+)$/;

/**
 * Names that describe one operation and stand on spans, their events or log records: the namespaces of the pages below
 * https://opentelemetry.io/docs/specs/semconv/http/, …/database/, …/messaging/, …/rpc/, …/gen-ai/ and …/exceptions/.
 */
const OPERATION =
  /^(?:http|url|db|messaging|rpc|gen_ai|exception|error|client|server|network|net|user_agent)\./;

/** Attributes of the semantic conventions are at the right level. */
export const res004: Rule = async (reading) => {
  const found = await findRows(reading, ({ signal, levels }) => [
    ...levels.resource
      .filter(({ key }) => levelOf(key) === 'operation')
      .map(({ key }) => ({ level: 'resource', name: key })),
    ...levels.row
      .filter(({ key }) => levelOf(key) === 'resource')
      .map(({ key }) => ({ level: signal, name: key })),
  ]);
  return found.map(({ key: { level, name }, ...each }) => {
    const rows = counted(each.count, level === 'log' ? 'log record' : level === 'span' ? 'span' : 'row');
    const words =
      level === 'resource'
        ? {
            what: 'one operation',
            stands: 'stands on the resource',
            right: 'span.setAttribute, out of the resource',
          }
        : {
            what: 'the service',
            stands: 'is an attribute',
            right: 'OTEL_RESOURCE_ATTRIBUTES, out of each span',
          };
    return { ...each, words: { ...words, name, rows } };
  });
};

/** The only level where the conventions have an attribute; undefined for a name that they lack, or have at both. */
function levelOf(name: string): 'resource' | 'operation' | undefined {
  if (knownAttribute(name) === undefined) return undefined;
  if (RESOURCE.test(name)) return 'resource';
  return OPERATION.test(name) ? 'operation' : undefined;
}
