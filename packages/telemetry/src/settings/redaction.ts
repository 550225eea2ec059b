import type { EnvReader } from '../environment/env-reader.ts';
import { quote, SettingsError } from '../environment/env-reader.ts';

const VARIABLE = 'TRACE_REDACT_ATTRIBUTES';

/**
 * TRACE_REDACT_ATTRIBUTES and what the host lists: keys of attributes whose values are not exported.
 *
 * @throws SettingsError for a `*` that is not the end of a key
 */
export function readRedaction(env: EnvReader, ofHost: readonly string[] = []): string[] {
  const keys = [...new Set([...ofHost, ...(env.list(VARIABLE) ?? [])])];
  const malformed = keys.find((key) => key.slice(0, -1).includes('*'));
  if (malformed === undefined) return keys;
  throw new SettingsError(
    VARIABLE,
    `must list keys of attributes, with * only at the end of one, not ${quote(malformed)}.`,
  );
}
