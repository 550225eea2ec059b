import type { Finding } from '@tandem/telemetry/doctor';
import type { KeyCheck } from '@tandem/telemetry/honeycomb';
import { canSend, checkHoneycombKey, describeKeyCheck, findKey } from '@tandem/telemetry/honeycomb';
import { describeKeySource, describeMisplacedKey } from '../key-source.ts';
import { callOf } from '../root.ts';
import type { StrayEnvFile } from '../stray-env-files.ts';

const check = 'honeycomb';

/**
 * Honeycomb's answer about the key, and where the key came from, as in `honeycomb:check`. A missing key is no problem.
 *
 * @param envFile the text of .env
 * @param strays files that look like .env and are not read
 */
export async function examineHoneycombKey(
  env: NodeJS.ProcessEnv,
  envFile: string | undefined,
  strays: readonly StrayEnvFile[],
): Promise<Finding[]> {
  try {
    const key = findKey(env);
    const misplaced = describeMisplacedKey(key);
    if (misplaced !== undefined)
      return [
        {
          check,
          level: 'problem',
          what: `not asked. ${misplaced}`,
          fix: `Set HONEYCOMB_API_KEY, then ${callOf('honeycomb:check')}.`,
        },
      ];
    const result = await checkHoneycombKey(key);
    const what = `${describeKeyCheck(result).replace(/^Honeycomb: /, '')} ${describeKeySource(key, env, envFile, strays)}`;
    if (canSend(result)) return [{ check, level: 'ok', what }];
    if (result.kind === 'no-key') return [{ check, level: 'note', what }];
    return [{ check, level: 'problem', what, fix: fixOf(result) }];
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return [
      { check, level: 'problem', what, fix: 'Correct the list: name=value,name=value, percent-encoded.' },
    ];
  }
}

/** The one thing to do; the line before it says what is wrong. */
function fixOf({ kind }: KeyCheck): string {
  const again = `then ${callOf('honeycomb:check')}`;
  switch (kind) {
    case 'dataset-missing':
      return `Set HONEYCOMB_DATASET, ${again}.`;
    case 'bad-endpoint':
      return `Correct or unset HONEYCOMB_API_ENDPOINT, ${again}.`;
    case 'unreachable':
    case 'unexpected':
      return `See to the network and HONEYCOMB_API_ENDPOINT, ${again}.`;
    default:
      return `Correct HONEYCOMB_API_KEY (docs/honeycomb.md), ${again}.`;
  }
}
