import { knownAttribute } from './attributes.ts';

/**
 * Names that describe the sender and stand on the resource, by hand, from the pages below
 * https://opentelemetry.io/docs/specs/semconv/resource/ (release 1.40). Left out: `cloud`, `faas`, `aws`, `process`, `os`,
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

/** The only level where the conventions have an attribute; undefined for a name that they lack, or have at both. */
export function levelOf(name: string): 'resource' | 'operation' | undefined {
  if (knownAttribute(name) === undefined) return undefined;
  if (RESOURCE.test(name)) return 'resource';
  return OPERATION.test(name) ? 'operation' : undefined;
}
