import { globSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import type { Finding } from '@tandem/telemetry/doctor';
import { findKey } from '@tandem/telemetry/honeycomb';
import { namesWithValue } from '@tandem/telemetry/workspace/env-file';
import { isMeantAsKey } from '../honeycomb/key-source.ts';

const KEY = 'HONEYCOMB_API_KEY';

/** Files beside the one that is read, where a key is put by mistake. */
const NEARBY = ['.env.local', '.env.example', 'services/*/.env'];

/**
 * A finding for each file that has a key and that nothing reads: a problem where no key is in force, else a note. Holds no value.
 *
 * @param envFile path of the file that is read
 * @param env the environment, into which that file was loaded
 * @param caller the folder that the command was called in
 */
export function examineStrayKeys(envFile: string, env: NodeJS.ProcessEnv, caller: string): Finding[] {
  const root = dirname(envFile);
  const nearby = globSync(NEARBY, { cwd: root }).map((file) => join(root, file));
  const files = new Set([...nearby.toSorted(), resolve(caller, '.env')]);
  files.delete(envFile);
  const isInForce = hasKey(env);
  return [...files].flatMap((file): Finding[] => {
    const name = keyIn(file);
    if (name === undefined) return [];
    const path = relative(root, file);
    const shown = path.startsWith('..') ? file : path;
    const what = `${shown} has ${name}, and nothing reads that file.`;
    if (isInForce)
      return [
        {
          check: 'honeycomb',
          level: 'note',
          what,
          fix: `Remove it there: the key of ${envFile} or of the shell counts.`,
        },
      ];
    const committed = shown === '.env.example' ? ' Take it out of .env.example, which Git keeps.' : '';
    return [
      {
        check: 'honeycomb',
        level: 'problem',
        what,
        fix: `It belongs into ${envFile}, as ${KEY}.${committed}`,
      },
    ];
  });
}

/** Whether spans are sent with a key. OTLP headers that cannot be read are left out, with a key that they may hold. */
function hasKey(env: NodeJS.ProcessEnv): boolean {
  try {
    return Boolean(findKey(env).apiKey?.trim());
  } catch {
    return false;
  }
}

/** The name of the variable that has a key in a file, or what is meant as one; undefined without one or a readable file. */
function keyIn(file: string): string | undefined {
  const names = namesWithValue(file);
  return names.find((name) => name === KEY) ?? names.find(isMeantAsKey);
}
