import type { Finding } from '@tandem/telemetry/doctor';
import { callOf } from '../../../tools/root.ts';
import { askAboutKey } from '../honeycomb/key-answer.ts';

const check = 'honeycomb';

/**
 * Honeycomb's answer about the key, and where the key came from, as in `honeycomb:check`. A missing key is no problem, a hidden one is.
 *
 * @param envFile the text of .env
 */
export async function examineHoneycombKey(
  env: NodeJS.ProcessEnv,
  envFile: string | undefined,
): Promise<Finding> {
  try {
    const { canSend, kind, line, source, hidden } = await askAboutKey(env, envFile);
    const what = `${line.replace(/^Honeycomb: /, '')} ${source}`;
    if (canSend) return { check, level: 'ok', what };
    if (kind === 'no-key' && hidden === undefined) return { check, level: 'note', what };
    const fix = `docs/nothing-arrives.md says what to do; then ${callOf('honeycomb:check')}.`;
    return { check, level: 'problem', what, fix };
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    const fix = 'Correct the list: name=value,name=value, percent-encoded.';
    return { check, level: 'problem', what, fix };
  }
}
