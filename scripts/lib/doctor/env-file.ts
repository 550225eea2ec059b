import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Finding } from '@tandem/telemetry/doctor';
import { readDotEnv } from '../dot-env.ts';
import { ROOT } from '../root.ts';
import { nearestName } from './nearest-name.ts';

const check = '.env';

/** Variables that one file for three processes must not have. */
const NOT_SHARED: Readonly<Record<string, string>> = {
  PORT: 'each process has a port of its own, which FRONTEND_URL, BACKEND_URL and USER_LOOKUP_URL move',
  OTEL_SERVICE_NAME: 'each service keeps a name of its own',
};

/** A variable of .env whose value nobody may see. */
const SECRET = /KEY|TOKEN|PASSWORD|HEADERS|DATABASE_URL/;

/**
 * What is in .env that nothing reads, cannot be read, or does not count because the shell says otherwise. Names only,
 * never values.
 *
 * @param path of .env
 * @param shell the environment before .env was loaded into it
 */
export function examineEnvFile(path: string, shell: NodeJS.ProcessEnv): Finding[] {
  let text: string | undefined;
  try {
    text = readDotEnv(path);
  } catch (error) {
    return [problem(error instanceof Error ? error.message : String(error), 'Write the file again.')];
  }
  if (text === undefined)
    return [{ check, level: 'ok', what: 'There is none: all settings are defaults, or the shell’s.' }];
  const file = parseEnv(text);
  const known = namesIn(readFileSync(join(ROOT, '.env.example'), 'utf8'));
  const set = Object.entries(file)
    .flatMap(([name, value]) => (value ? [name] : []))
    .toSorted();
  const findings = [
    ...unreadLines(text),
    ...set.flatMap((name) => (known.includes(name) ? [] : [unknown(name, known)])),
    ...set.flatMap((name) => hidden(name, file[name], shell[name])),
    ...set.flatMap((name) => {
      const why = NOT_SHARED[name];
      return why === undefined
        ? []
        : [warning(`${name} is in .env, but ${why}.`, `Remove ${name} from .env.`)];
    }),
    ...openToOthers(path, set),
  ];
  const what = `${set.length} of the ${known.length} variables of .env.example are set${set.length === 0 ? '' : `: ${set.join(', ')}`}.`;
  return [{ check, level: 'ok', what, data: { set } }, ...findings];
}

function namesIn(text: string): string[] {
  return Array.from(text.matchAll(/^([A-Z][A-Z0-9_]*)=/gm), ([, name = '']) => name);
}

function unknown(name: string, known: readonly string[]): Finding {
  const meant = nearestName(name, known);
  const what = `${name} is in .env, but nothing here reads it.`;
  if (meant !== undefined) return warning(what, `Is ${meant} meant? Rename it.`);
  return {
    check,
    level: 'note',
    what,
    fix: `.env.example has all names; remove ${name} if nothing else needs it.`,
  };
}

/** A variable of the shell hides the file's, even when it is empty. */
function hidden(name: string, inFile: string | undefined, inShell: string | undefined): Finding[] {
  if (inShell === undefined || inShell === inFile) return [];
  const state = inShell === '' ? 'set in the shell too, but empty' : 'set to something else in the shell';
  return [warning(`${name} is ${state}: .env's value does not count.`, `If .env is meant: unset ${name}.`)];
}

/** Lines that are neither a comment nor NAME=value; values in quotes may have several lines. */
function unreadLines(text: string): Finding[] {
  const single = text.replace(
    /=\s*(["'`])[\s\S]*?\1/g,
    (value) => `=${'\n'.repeat(value.split('\n').length - 1)}`,
  );
  return single.split(/\r?\n/).flatMap((line, index) => {
    if (/^\s*(?:#|$)/.test(line) || /^\s*(?:export\s+)?[A-Za-z_][\w.-]*\s*=/.test(line)) return [];
    return [
      warning(
        `Line ${index + 1} of .env is not NAME=value, and is not read.`,
        'Write it so, or put a # before it.',
      ),
    ];
  });
}

function openToOthers(path: string, set: readonly string[]): Finding[] {
  const secrets = set.filter((name) => SECRET.test(name));
  if (process.platform === 'win32' || secrets.length === 0 || (statSync(path).mode & 0o077) === 0) return [];
  const what = `Other users of this machine can read .env, which has ${secrets.join(', ')} in it.`;
  return [{ check, level: 'note', what, fix: 'chmod 600 .env' }];
}

function warning(what: string, fix: string): Finding {
  return { check, level: 'warning', what, fix };
}

function problem(what: string, fix: string): Finding {
  return { check, level: 'problem', what, fix };
}
