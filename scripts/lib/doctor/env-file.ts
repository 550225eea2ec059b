import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Finding } from '@tandem/telemetry/doctor';
import type { EnvLine } from '@tandem/telemetry/workspace/env-file';
import { describeHidden, envLines } from '@tandem/telemetry/workspace/env-file';
import { nearestName } from '../../../packages/trace-explorer/src/core/conventions/nearest-name.ts';
import { ROOT } from '../../../tools/root.ts';
import { readDotEnv } from '../dot-env.ts';
import { isMeantAsKey } from '../honeycomb/key-source.ts';

const check = '.env';
/** The document of all variables. */
const LIST = 'docs/reference/settings.md';

/** Files of docker compose, which also reads .env and takes other variables from it. */
const COMPOSE_FILES = ['docker-compose.yml', 'deploy/compose/*.yml'];
/** Variables of docker compose itself: COMPOSE_PROFILES, COMPOSE_PROJECT_NAME, DOCKER_HOST … */
const OF_COMPOSE = /^(?:COMPOSE|DOCKER)_/;

/**
 * Problems of .env: variables that nothing reads, unreadable lines, and values that the shell overrides. Names only, never
 * values.
 *
 * @param path of .env
 * @param shell the environment before .env was loaded into it
 */
export function examineEnvFile(path: string, shell: NodeJS.ProcessEnv): Finding[] {
  let text: string | undefined;
  try {
    text = readDotEnv(path);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return [{ check, level: 'problem', what, fix: 'Write the file again.' }];
  }
  if (text === undefined)
    return [{ check, level: 'ok', what: 'There is none: all settings are defaults, or the shell’s.' }];
  const settings = listedSettings();
  const known = [...settings, ...namesOfCompose()];
  const file = parseEnv(text);
  const read = envLines(text);
  const set = Object.keys(file).filter((name) => file[name]);
  const ours = set.filter((name) => settings.has(name)).toSorted();
  const list = ours.length === 0 ? '' : `: ${ours.join(', ')}`;
  const what = `It sets ${ours.length} of the ${settings.size} variables of ${LIST}${list}.`;
  return [
    { check, level: 'ok', what, data: { set } },
    ...unreadLines(text, read),
    ...hiddenByLines(text, read),
    ...set.flatMap((name) => [
      ...(known.includes(name) || OF_COMPOSE.test(name) ? [] : [unknown(name, known)]),
      ...hidden(name, file[name], shell[name]),
    ]),
  ];
}

function listedSettings(): Set<string> {
  const rows = readFileSync(join(ROOT, LIST), 'utf8').matchAll(/^\| `([A-Z][A-Z0-9_]*)`/gm);
  return new Set(Array.from(rows, ([, name = '']) => name));
}

/** Variables that docker-compose.yml and the files on top of it take from .env. */
function namesOfCompose(): string[] {
  const files = globSync(COMPOSE_FILES, { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), 'utf8'));
  return Array.from(files.join('').matchAll(/\$\{([A-Z][A-Z0-9_]*)/g), ([, name = '']) => name);
}

function unknown(name: string, known: readonly string[]): Finding {
  const meant = nearestName(name, known) ?? (isMeantAsKey(name) ? 'HONEYCOMB_API_KEY' : undefined);
  const what = `${name} is in .env, but nothing here reads it.`;
  if (meant !== undefined) return warning(what, `Is ${meant} meant? Rename it.`);
  const fix = `${LIST} has all names; remove ${name} if nothing else needs it.`;
  return { check, level: 'note', what, fix };
}

/** A variable of the shell hides the file's, even when it is empty. */
function hidden(name: string, inFile: string | undefined, inShell: string | undefined): Finding[] {
  if (inShell === undefined || inShell === inFile) return [];
  const state = inShell === '' ? 'set in the shell too, but empty' : 'set to something else in the shell';
  return [warning(`${name} is ${state}: .env's value does not count.`, `If .env is right: unset ${name}.`)];
}

/** Lines that are neither a comment nor NAME=value; values in quotes may have several lines. */
function unreadLines(text: string, read: readonly EnvLine[]): Finding[] {
  return text.split('\n').flatMap((content, index) => {
    const line = index + 1;
    if (/^\s*(?:#|$)/.test(content) || read.some((each) => each.line <= line && line <= each.lastLine))
      return [];
    const what = `Line ${line} of .env is not NAME=value, and is not read.`;
    return [warning(what, 'Write it so, or put a # before it.')];
  });
}

/** Values that an empty line below them hides, as a template's does when its name was written above it. The key's has its own finding. */
function hiddenByLines(text: string, read: readonly EnvLine[]): Finding[] {
  const names = new Set(read.map(({ name }) => name));
  names.delete('HONEYCOMB_API_KEY');
  return [...names].flatMap((name) => {
    const hidden = describeHidden(name, text);
    return hidden ? [warning(`${name} ${hidden.what}.`, `Then it counts: ${hidden.fix}.`)] : [];
  });
}

function warning(what: string, fix: string): Finding {
  return { check, level: 'warning', what, fix };
}
