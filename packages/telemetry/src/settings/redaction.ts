import type { EnvReader } from '../environment/env-reader.ts';
import { quote } from '../environment/env-reader.ts';

const VARIABLE = 'TRACE_REDACT_ATTRIBUTES';

/**
 * TRACE_REDACT_ATTRIBUTES and what the host lists: keys of attributes whose values are not exported. Of a key with a `*`
 * within it the beginning counts, with a warning: rather too much is redacted than too little.
 */
export function readRedaction(env: EnvReader, ofHost: readonly string[] = []): string[] {
  const keys = [...ofHost, ...(env.list(VARIABLE) ?? [])].map((key) => {
    const star = key.indexOf('*');
    if (star === -1 || star === key.length - 1) return key;
    const beginning = key.slice(0, star + 1);
    env.ignore(
      VARIABLE,
      `must list keys of attributes, with * only at the end of one, not ${quote(key)}.`,
      `${quote(beginning)} is used instead.`,
      true,
    );
    return beginning;
  });
  return [...new Set(keys)];
}
