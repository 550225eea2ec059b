import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Finding } from '@tandem/telemetry/doctor';
import { nearestName } from '../../../packages/trace-explorer/src/command/nearest-name.ts';
import { readDotEnv } from '../dot-env.ts';
import { ROOT } from '../root.ts';
import { findStrayEnvFiles } from '../stray-env-files.ts';

const check = '.env';

/** Variables that one file for three processes must not have. */
const NOT_SHARED: Readonly<Record<string, string>> = {
  PORT: 'each process has a port of its own, which FRONTEND_URL, BACKEND_URL and USER_LOOKUP_URL move',
  OTEL_SERVICE_NAME: 'each service keeps a name of its own',
};

/** A variable of .env with a secret value. */
const SECRET = /KEY|TOKEN|PASSWORD|HEADERS|DATABASE_URL/;

/** Other names of the key: HONEYCOMB_WRITEKEY of Honeycomb's older libraries, HONEYCOMB_INGEST_KEY … */
const OTHER_KEY_NAME = /^HONEYCOMB_\w*(?:KEY|TOKEN|SECRET)$/i;

/** Files of docker compose, which also reads .env and takes other variables from it. */
const COMPOSE_FILES = ['docker-compose.yml', 'deploy/compose/*.yml'];
/** Variables of docker compose itself: COMPOSE_PROFILES, COMPOSE_PROJECT_NAME, DOCKER_HOST … */
const OF_COMPOSE = /^(?:COMPOSE|DOCKER)_/;

/**
 * Problems of .env: variables that nothing reads, unreadable lines, values that the shell or another line overrides, and
 * variables in a file beside it. Names only, never values.
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
  const example = namesIn(readFileSync(join(ROOT, '.env.example'), 'utf8'));
  const known = [...example, ...namesOfCompose()];
  const strays = strayFiles(path, known);
  if (text === undefined)
    return [
      { check, level: 'ok', what: 'There is none: all settings are defaults, or the shell’s.' },
      ...strays,
    ];
  const file = parseEnv(text);
  const set = Object.entries(file)
    .flatMap(([name, value]) => (value ? [name] : []))
    .toSorted();
  const findings = [
    ...strays,
    ...unreadLines(text),
    ...overwritten(text),
    ...set.flatMap((name) => joined(name, file[name], known)),
    ...set.flatMap((name) => (known.includes(name) || OF_COMPOSE.test(name) ? [] : [unknown(name, known)])),
    ...set.flatMap((name) => hidden(name, file[name], shell[name])),
    ...set.flatMap((name) => {
      const why = NOT_SHARED[name];
      return why === undefined
        ? []
        : [warning(`${name} is in .env, but ${why}.`, `Remove ${name} from .env.`)];
    }),
    ...openToOthers(path, set),
  ];
  const ours = set.filter((name) => example.includes(name));
  const what = `${ours.length} of the ${example.length} variables of .env.example are set${ours.length === 0 ? '' : `: ${ours.join(', ')}`}.`;
  return [{ check, level: 'ok', what, data: { set } }, ...findings];
}

function namesIn(text: string): string[] {
  return Array.from(text.matchAll(/^([A-Z][A-Z0-9_]*)=/gm), ([, name = '']) => name);
}

/** Variables that docker-compose.yml and the files on top of it take from .env. */
function namesOfCompose(): string[] {
  const files = globSync(COMPOSE_FILES, { cwd: ROOT }).map((file) => readFileSync(join(ROOT, file), 'utf8'));
  return Array.from(files.join('').matchAll(/\$\{([A-Z][A-Z0-9_]*)/g), ([, name = '']) => name);
}

function strayFiles(path: string, known: readonly string[]): Finding[] {
  return findStrayEnvFiles(path).flatMap(({ file, names }) => {
    const meant = names.filter((name) => known.includes(name));
    if (meant.length === 0) return [];
    const what = `${file} sets ${meant.join(', ')}, but nothing reads that file.`;
    return [warning(what, 'Move the lines to .env at the root, which serves all processes.')];
  });
}

function unknown(name: string, known: readonly string[]): Finding {
  const meant = nearestName(name, known) ?? (OTHER_KEY_NAME.test(name) ? 'HONEYCOMB_API_KEY' : undefined);
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

/** A value that holds the next variable: `>>` appended it to a last line without an end. */
function joined(name: string, value: string | undefined, known: readonly string[]): Finding[] {
  const [next] = known
    .filter((other) => other !== name && other.includes('_') && value?.includes(`${other}=`))
    .toSorted((a, b) => b.length - a.length);
  if (next === undefined) return [];
  const what = `The value of ${name} has ${next}= in it: the line break between the two is missing.`;
  return [warning(what, `Put ${next} on a line of its own.`)];
}

/** The last line of a name counts. An earlier empty line (`NAME=` of .env.example) does no harm. */
function overwritten(text: string): Finding[] {
  const lines = new Map<string, { line: number; value: string }[]>();
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    for (const [name, value = ''] of Object.entries(parseEnv(line)))
      lines.set(name, [...(lines.get(name) ?? []), { line: index + 1, value }]);
  }
  return [...lines].flatMap(([name, all]) => {
    const last = all.at(-1);
    const lost = all.filter(({ value }) => value !== '' && value !== last?.value);
    if (last === undefined || lost.length === 0) return [];
    const earlier = lost.map(({ line }) => line).join(', ');
    const what = `${name} is in line ${earlier} of .env, but line ${last.line} counts, where it is ${last.value === '' ? 'empty' : 'another'}.`;
    return [warning(what, 'Remove the line that is not meant.')];
  });
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
