import { knownAttribute } from '../../../../../core/conventions/attributes.ts';
import { counted } from '../../../../../lib/text/words.ts';
import { verifyRule } from '../../rule.ts';
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

export const res004 = verifyRule({
  title: 'An attribute stands at the wrong level',
  impact: 'Important',
  find: (reading) =>
    findRows(reading, ({ signal, levels }) => [
      ...levels.resource.flatMap(({ key }) =>
        levelOf(key) === 'operation' ? [{ on: 'resource', name: key }] : [],
      ),
      ...levels.row.flatMap(({ key }) => (levelOf(key) === 'resource' ? [{ on: signal, name: key }] : [])),
    ]),
  sentence: ({ count, key: { on, name } }) =>
    on === 'resource'
      ? `${name} describes one operation, but stands on the resource of ${counted(count, 'row')}`
      : `${name} describes the service, but is an attribute of ${counted(count, on === 'log' ? 'log record' : 'span')}`,
  node: ({ key: { on, name } }) =>
    `${name} in ${on === 'resource' ? 'span.setAttribute, out of the resource' : 'OTEL_RESOURCE_ATTRIBUTES, out of each span'}`,
});

/** The only level where the conventions have an attribute; undefined for a name that they lack, or have at both. */
function levelOf(name: string): 'resource' | 'operation' | undefined {
  if (knownAttribute(name) === undefined) return undefined;
  if (RESOURCE.test(name)) return 'resource';
  return OPERATION.test(name) ? 'operation' : undefined;
}
