import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError } from '../../../core/command/client/explorer-client.ts';
import { RUN_ID } from '../../../core/runs/run-fields.ts';
import { listed } from '../../../lib/text/words.ts';
import { GIVEN_ENVIRONMENT } from '../../../process-settings.ts';
import type { Target } from './target.ts';

const TELEMETRY = '@tandem/telemetry';

/** Everything that the command sends goes to the explorer: variables of traces win over variables of all signals. */
const SIGNALS = ['traces', 'logs', 'metrics'];

/** With such a file an SDK passes over every other variable, and would send the spans where the file says. */
export const CONFIG_FILES = ['OTEL_CONFIG_FILE', 'OTEL_EXPERIMENTAL_CONFIG_FILE'];

interface RunFacts {
  readonly id: string;
  readonly cwd: string;
  readonly name?: string | undefined;
  /** The commit and branch, as resource attributes. */
  readonly head: Readonly<Record<string, string | number>>;
  /** Without secrets. */
  readonly command: string;
  readonly uses: string;
  readonly spool: string;
  readonly profile: boolean;
}

/**
 * The environment of the command: the caller's, with the variables that send its spans to the explorer. Each variable is
 * set, if only to nothing, because a `.env` file gives the variables that are not there.
 *
 * @param id of the run: all that the command sends has it as the attribute `RUN_ID`
 * @param head the commit and branch, where the caller's attributes have none
 * @param name of the run, instead of a commit
 * @param uses file that `watch.ts` writes to
 * @param profile whether the functions of a span's own time are sampled
 * @param spool folder for spans that the command's processes cannot send
 * @throws CliError when telemetry is missing
 */
export function environmentFor(
  { endpoint, token }: Pick<Target, 'endpoint' | 'token'>,
  { id, cwd, name, head, command, uses, spool, profile }: RunFacts,
): NodeJS.ProcessEnv {
  const { TANDEM: _, ...env } = GIVEN_ENVIRONMENT;
  const { NODE_OPTIONS = '' } = env;
  const given = givenAttributes(env).filter(isReadable).join();
  const written = (facts: object) =>
    Object.entries(facts).map(([key, value]) => `${key}=${encodeURIComponent(value)}`);
  // The last of equal names counts: the name of the run, else the caller's commit.
  const attributes = [
    ...(name ? [given, ...written(head)] : [...written(head), given]),
    ...written({ [RUN_ID]: id, 'tandem.run.command': command }),
  ];
  const send = (signal: string, url: string) => ({
    [`OTEL_EXPORTER_OTLP_${signal}ENDPOINT`]: url,
    [`OTEL_EXPORTER_OTLP_${signal}HEADERS`]: token ? `authorization=Bearer%20${token}` : '',
    [`OTEL_EXPORTER_OTLP_${signal}PROTOCOL`]: 'http/protobuf',
  });
  const variables = [
    send('', endpoint),
    ...SIGNALS.map((signal) => send(`${signal.toUpperCase()}_`, `${endpoint}/v1/${signal}`)),
  ];
  // Before the caller's own modules: an SDK among them leaves the spans to telemetry then, and nothing is there twice.
  const preload = `--require ${JSON.stringify(fileOf('#preload'))}`;
  // The command's output is its own. Deno sends spans by itself where a variable asks for it.
  const ifUnset = {
    OTEL_LOG_LEVEL: 'none',
    OTEL_DENO: 'true',
    TRACE_CODE_LOCATIONS: cwd,
    TRACE_CONSOLE: 'true',
    TRACE_STATEMENT_PLANS: 'true',
  };
  const isSet = (name: string) => Boolean(env[name]);
  // Not told as the person's own. The last two are telemetry's alone, see `watch.ts`.
  const ofRun = [
    ...variables.flatMap((each) => Object.keys(each)),
    ...[...Object.keys(ifUnset), 'OTEL_RESOURCE_ATTRIBUTES', 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE'].filter(
      (name) => !isSet(name),
    ),
    'DATA_DIR',
  ];
  return Object.assign(ifUnset, env, ...variables, {
    OTEL_RESOURCE_ATTRIBUTES: attributes.filter(Boolean).join(),
    NODE_OPTIONS: `${preload} ${NODE_OPTIONS}`.trim(),
    ...Object.fromEntries(CONFIG_FILES.map((name) => [name, ''])),
    TANDEM_RUN_SET: ofRun.join(),
    TANDEM_RUN_WATCH: fileOf('#watch'),
    TANDEM_RUN_ENDPOINT: endpoint,
    TANDEM_RUN_USES: uses,
    TANDEM_RUN_SPOOL: spool,
    TANDEM_RUN_PROFILE: String(profile),
    TANDEM_RUN_TELEMETRY: telemetryFor(cwd),
  });
}

/**
 * A line about the caller's resource attributes that are not passed on, because nobody could read them: with one of these, most
 * SDKs pass over the whole list, and with it the run's own. Their values may be secret. Undefined where all are passed on.
 */
export function unreadAttributes(env: NodeJS.ProcessEnv): string | undefined {
  const places = givenAttributes(env).flatMap((member, at) => (isReadable(member) ? [] : [String(at + 1)]));
  if (places.length === 0) return undefined;
  return `OTEL_RESOURCE_ATTRIBUTES is passed on without member ${listed(places)}, which cannot be read. A list is key1=value1,key2=value2, each of at most ${MOST_CHARACTERS} characters, with %2C for a comma and %25 for % in values.`;
}

/** The members of the list. Of several `=` the first one ends the key, and SDKs read the others only as %3D. */
function givenAttributes({ OTEL_RESOURCE_ATTRIBUTES: given = '' }: NodeJS.ProcessEnv): string[] {
  return given.split(',').flatMap((member) => {
    if (member.trim() === '') return [];
    const [key = '', ...values] = member.split('=');
    return [values.length < 2 ? member : `${key}=${values.join('%3D')}`];
  });
}

/** Characters of a key or value: with more, OpenTelemetry's SDK passes over the list. */
const MOST_CHARACTERS = 255;

/** Whether a member is a key and a value, percent-encoded. */
function isReadable(member: string): boolean {
  try {
    const [key = '', value] = member.split('=').map((part) => decodeURIComponent(part.trim()));
    const isLong = Math.max(key.length, value?.length ?? 0) > MOST_CHARACTERS;
    return key !== '' && value !== undefined && !isLong;
  } catch {
    return false;
  }
}

/** The path of a file that this package names in its `imports`. */
function fileOf(name: string): string {
  return fileURLToPath(import.meta.resolve(name));
}

/**
 * The module that starts telemetry in Node, as a path: the explorer's, or another telemetry that the app's package.json names.
 * @throws CliError when neither is there
 */
export function telemetryFor(folder: string): string {
  const app = manifestOf(folder);
  const own = app && names(app, TELEMETRY) ? registerOf(TELEMETRY, app.path) : undefined;
  try {
    return own ?? fileOf('#telemetry');
  } catch {
    throw new CliError('Telemetry is missing from this installation. Install @tandem/trace-explorer again.');
  }
}

/** The path of a package's module `register`, for a file that imports it; undefined without the package. */
function registerOf(name: string, file: string): string | undefined {
  try {
    return createRequire(file).resolve(`${name}/register`);
  } catch {
    return undefined;
  }
}

function names({ content }: { readonly content: Manifest }, dependency: string): boolean {
  return [content.dependencies, content.devDependencies].some((each) => each?.[dependency] !== undefined);
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** The package.json of the package that a folder is in. Undefined where there is none, or where it is not JSON. */
function manifestOf(folder: string): { path: string; content: Manifest } | undefined {
  const path = join(folder, 'package.json');
  if (existsSync(path)) {
    try {
      return { path, content: Object(JSON.parse(readFileSync(path, 'utf8'))) };
    } catch {
      return undefined;
    }
  }
  return dirname(folder) === folder ? undefined : manifestOf(dirname(folder));
}
