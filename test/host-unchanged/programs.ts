import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** A small program that shows one trait of its process. */
export interface Program {
  readonly name: string;
  /** Beside this file. Its name in a folder to run it has no `.txt`, which keeps tools of this repository from it. */
  readonly file: string;
  /** Options of Node. `@DIR@` is the program's folder, `@APP@` the one of the packages. */
  readonly flags?: readonly string[];
  readonly stdin?: string;
  /** What a shell adds behind the command. */
  readonly shell?: string;
  /** Lines that differ from run to run. */
  readonly drop?: RegExp;
}

type Options = Omit<Program, 'name'>;

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
  'throw-deprecation': { flags: ['--throw-deprecation', '--pending-deprecation'] },
  warnings: { flags: ['--pending-deprecation', '--no-warnings'] },
  gc: { flags: ['--expose-gc'] },
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
