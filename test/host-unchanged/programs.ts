import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A small program that shows one trait of its process. */
export interface Program {
  readonly name: string;
  /** Beside this file. Its name in a folder to run it has no `.txt`, which keeps tools of this repository from it. */
  readonly file: string;
  /** Options of Node. `@DIR@` is the program's folder, `@APP@` the one of the packages. */
  readonly flags?: readonly string[];
  /** Further variables, with the same names for folders. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** What a shell does before it becomes the program: `ulimit -v 5000000; `. */
  readonly before?: string;
  /** What a shell adds behind the command. */
  readonly shell?: string;
  /** Lines that differ from run to run. */
  readonly drop?: RegExp;
}

type Options = Omit<Program, 'name'>;

const OWN_FILES = ['--allow-fs-read=@DIR@/*', '--allow-net'];
const ONE_FILE = ['--allow-fs-read=@DIR@/permission-app.cjs', '--allow-net'];
/** What a program may do beside reading the packages, and what telemetry is asked for then. */
const PERMISSIONS: Readonly<
  Record<string, { readonly allowed?: readonly string[]; readonly env?: Readonly<Record<string, string>> }>
> = {
  'own-folder': { allowed: OWN_FILES },
  'one-file': { allowed: ONE_FILE },
  lines: { allowed: ONE_FILE, env: { TRACE_CODE_LOCATIONS: '@DIR@' } },
  features: {
    allowed: ONE_FILE,
    env: { TRACE_CONSOLE: 'true', TRACE_STATEMENT_PLANS: 'true', TAP: '1' },
  },
  'data-elsewhere': { allowed: OWN_FILES, env: { DATA_DIR: '/var/permission-data' } },
  'data-writable': { allowed: [...OWN_FILES, '--allow-fs-write=@DIR@/data/*'] },
  lean: { allowed: ONE_FILE, env: { TRACE_LEAN: 'true' } },
  'no-net': { allowed: ['--allow-fs-read=@DIR@/*'] },
  worker: { allowed: [...OWN_FILES, '--allow-worker'] },
};

const OPTIONS: Readonly<Record<string, Partial<Options>>> = {
  ...Object.fromEntries(
    ['strict', 'warn', 'none', 'warn-with-error-code', 'throw'].map((mode) => [
      `unhandled-${mode}`,
      { file: 'errors/unhandled-mode.cjs', flags: [`--unhandled-rejections=${mode}`] },
    ]),
  ),
  'disable-proto-throw': { file: 'globals/disable-proto.cjs', flags: ['--disable-proto=throw'] },
  'disable-proto-delete': { file: 'globals/disable-proto.cjs', flags: ['--disable-proto=delete'] },
  'frozen-intrinsics': { flags: ['--frozen-intrinsics'] },
  'disallow-codegen': { flags: ['--disallow-code-generation-from-strings'] },
  permission: { flags: ['--permission', '--allow-fs-read=*', '--allow-net'] },
  'permission-none': { flags: ['--permission', '--allow-fs-read=@DIR@/*', '--allow-fs-read=@APP@/*'] },
  ...Object.fromEntries(
    ['express', 'express4', 'koa', 'koa2'].map((name) => [
      `${name}-errors`,
      { file: `frameworks/${name.replace(/\d/, '')}-errors.cjs`, env: { FRAMEWORK: name } },
    ]),
  ),
  ...Object.fromEntries(
    Object.entries(PERMISSIONS).map(([name, { allowed = [], env = {} }]) => {
      const flags = ['--permission', '--allow-fs-read=@APP@/node_modules/*', ...allowed];
      return [`permission-${name}`, { file: 'globals/permission-app.cjs', flags, env }];
    }),
  ),
  ...Object.fromEntries(
    [2, 4, 6, 12].map((gigabytes) => [
      `address-space-${gigabytes}`,
      { file: 'ends/address-space.cjs', before: `ulimit -v ${gigabytes}000000; ` },
    ]),
  ),
  'throw-deprecation': { flags: ['--throw-deprecation', '--pending-deprecation'] },
  warnings: { flags: ['--pending-deprecation', '--no-warnings'] },
  gc: { flags: ['--expose-gc'] },
  'loader-option': { flags: ['--loader=data:text/javascript,'] },
  sqlite: { flags: ['--no-warnings'] },
  'source-maps-lie': { flags: ['--enable-source-maps'] },
  stdin: { stdin: 'a\nb\nc' },
  'stdin-iter': { stdin: 'x'.repeat(200_000) },
  // How much of a megabyte the pipe has taken when the process ends is the reader's affair.
  'big-out-exit': { drop: /^x+$/ },
  epipe: { shell: '| head -c 10 >/dev/null' },
  'closed-fds': { shell: '2>&-' },
  mocha: { drop: /^ +\d+ passing/ },
  jest: { drop: /^Time:|^Ran all|^(?:PASS|FAIL) / },
  playwright: { drop: /^ +\d+ (?:passed|failed|flaky)|^$/ },
  'node-test': {
    flags: ['--test-reporter=tap'],
    drop: /duration_ms|# duration|location:|^\s+(?:node:|at |async |new |Test|Suite|Module|Object|Function|TracingChannel|start)/,
  },
};

/** All programs: a file each, and one more for each set of options. */
export const PROGRAMS: readonly Program[] = [
  ...readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\/[^/]+\.(?:[cm]js|ts)(?:\.txt)?$/.test(file))
    .map((file): Program => {
      const [, name = ''] = /([^/]+?)\.(?:[cm]js|ts)(?:\.txt)?$/.exec(file) ?? [];
      return { name, file, ...OPTIONS[name] };
    })
    .filter(({ file }) => !Object.values(OPTIONS).some((each) => each.file === file)),
  ...Object.entries(OPTIONS).flatMap(([name, { file, ...options }]) =>
    file === undefined ? [] : [{ name, file, ...options }],
  ),
].toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** The path of a program's file in this repository. */
export function pathOf({ file }: Program): string {
  return join(import.meta.dirname, file);
}
