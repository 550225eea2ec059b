import type { KeyCheck } from '@tandem/telemetry/honeycomb';
import { canSend, checkHoneycombKey, describeKeyCheck, findKey } from '@tandem/telemetry/honeycomb';
import { describeHiddenKey, describeKeySource, describeMisplacedKey } from './key-source.ts';

/** Honeycomb's answer about the key, without the key. */
export interface KeyAnswer {
  readonly canSend: boolean;
  /** `not-asked` when the key's place is wrong. */
  readonly kind: KeyCheck['kind'] | 'not-asked';
  /** Begins with `Honeycomb: `. */
  readonly line: string;
  /** Where the key came from. */
  readonly source: string;
  /** Where there is no key: that .env has one, which an empty line hides. */
  readonly hidden?: string | undefined;
}

/**
 * Asks Honeycomb about the key of an environment.
 * @param envFile the text of .env; undefined when there is none
 * @throws Error when the OTLP headers, where a key may stand, cannot be read
 */
export async function askAboutKey(
  env: NodeJS.ProcessEnv,
  envFile: string | undefined,
  timeoutMs?: number,
): Promise<KeyAnswer> {
  const key = findKey(env);
  const source = describeKeySource(key, env, envFile);
  const misplaced = describeMisplacedKey(key);
  if (misplaced !== undefined)
    return { canSend: false, kind: 'not-asked', line: `Honeycomb: not asked. ${misplaced}`, source };
  const check = await checkHoneycombKey({ ...key, ...(timeoutMs !== undefined && { timeoutMs }) });
  const { variable = 'HONEYCOMB_API_KEY' } = key;
  const place = variable === 'HONEYCOMB_API_KEY' ? variable : `x-honeycomb-team in ${variable}`;
  const line = describeKeyCheck(check).replaceAll('HONEYCOMB_API_KEY', place);
  const hidden = check.kind === 'no-key' ? describeHiddenKey('HONEYCOMB_API_KEY', envFile) : undefined;
  return { canSend: canSend(check), kind: check.kind, line, source, hidden };
}
