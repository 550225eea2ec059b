import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import t from 'tap';
import { codeLines } from '../../../src/common/code-lines.ts';
import { lookUp } from '../../../src/features/lines/app-place.ts';
import { placeIn, placeWithoutLine } from '../../../src/features/lines/error-place.ts';

// Alone in its process: source maps are on for a while. What a text names may hold a process for ever, or fill its memory.

const outside = realpathSync(mkdtempSync(join(tmpdir(), 'places-')));
const require = createRequire(import.meta.url);
t.teardown(() => {
  codeLines.value = undefined;
  rmSync(outside, { recursive: true });
});

/** Lets paths be relative to a folder. */
function linesFrom(folder: string): void {
  codeLines.value = { folder };
}

/** Writes a file, with its folders, and returns its path. */
function write(path: string, text = 'one\n  two\n    three()\n'): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** The line that the text of a stack has of a file. */
const lineIn = (file: string) =>
  placeIn(`Error: planned\n    at work (${file}:3:5)`)?.attributes['code.line.number'];
/** The line of evaluated code that names a file. */
const lineOfEvaluated = (file: string) =>
  new Function('lookUp', `return lookUp();\n//# sourceURL=${file}`)(lookUp).place?.attributes[
    'code.line.number'
  ];

t.test('what a text or evaluated code names is no reason to open it', async (t) => {
  const project = join(outside, 'hostile');
  mkdirSync(project);
  linesFrom(project);
  const at = (name: string) => join(project, name);
  const server = createServer().listen(at('socket'));
  t.teardown(() => server.close());
  execFileSync('mkfifo', [at('pipe')]);
  mkdirSync(at('folder'));
  write(at('empty.js'), '');
  write(at('large.js'), 'x\n'.repeat(4.5 * 1024 * 1024));
  write(join(outside, 'secret.js'));
  const links = {
    zero: '/dev/zero',
    terminal: '/dev/tty',
    mem: '/proc/self/mem',
    elsewhere: '../secret.js',
    pipe: at('pipe'),
  };
  for (const [name, target] of Object.entries(links)) symlinkSync(target, at(`link-${name}`));
  symlinkSync('/dev', at('devices'));
  const names = [
    ...['socket', 'pipe', 'folder', 'empty.js', 'large.js', 'missing.js', 'devices/zero', '../secret.js'].map(
      at,
    ),
    ...Object.keys(links).map((name) => at(`link-${name}`)),
    ...[
      '/dev/zero',
      '/dev/stdin',
      '/dev/tty',
      '/proc/kmsg',
      '/proc/self/mem',
      '/proc/self/fd/0',
      '/sys/kernel/profiling',
    ],
    ...['//server/share/a.js', '\\\\server\\share\\a.js', 'C:\\a.js', '/net/server/a.js', '/', `${project}/`],
    `/net/server/../..${at('empty.js')}`,
    join(outside, 'secret.js'),
  ];
  for (const name of names) {
    t.equal(lineIn(name), undefined, name);
    t.equal(lineOfEvaluated(name), undefined, `evaluated: ${name}`);
    t.doesNotThrow(() => placeIn(`Error\n    at file://${name}:3:5`), name);
  }
});

t.test('a file that a pipe replaces after it was loaded is not waited for', async (t) => {
  linesFrom(outside);
  process.setSourceMapsEnabled(true);
  t.teardown(() => process.setSourceMapsEnabled(false));
  const path = write(join(outside, 'replaced.cjs'), 'module.exports = (lookUp) => lookUp();\n');
  const run: (look: typeof lookUp) => ReturnType<typeof lookUp> = require(path);
  execFileSync('mkfifo', [join(outside, 'other-pipe')]);
  renameSync(join(outside, 'other-pipe'), path);
  t.match(run(lookUp).place?.attributes, { 'code.file.path': 'replaced.cjs', 'code.line.number': undefined });
  t.equal(lineIn(path), undefined);
});

t.test('a map over 8 MiB is not asked for', async (t) => {
  linesFrom(outside);
  process.setSourceMapsEnabled(true);
  t.teardown(() => process.setSourceMapsEnabled(false));
  const code = 'module.exports = (lookUp) => {\n  const found =\n    lookUp();\n  return found;\n};\n';
  const lineOf = (name: string, more: object) => {
    const map = {
      version: 3,
      sources: ['orders.ts'],
      names: [],
      mappings: 'AAOA;AACA;AACA;AACA;AACA',
      ...more,
    };
    write(join(outside, `${name}.map`), JSON.stringify(map));
    const path = write(
      join(outside, name),
      `${code}const url = '//# sourceMappingURL=';\n//# sourceMappingURL=${name}.map\n`,
    );
    return require(path)(lookUp).place.attributes;
  };
  t.match(lineOf('small.cjs', {}), { 'code.file.path': 'orders.ts', 'code.line.number': 10 });
  t.match(lineOf('large.cjs', { sourcesContent: [' '.repeat(9 * 1024 * 1024)] }), {
    'code.file.path': 'large.cjs',
    'code.line.number': 3,
  });
});

/** Where a file lies that nothing has loaded, from the folder of lines, and whether the project has it. */
const FILES: Readonly<
  Record<string, readonly [folder: string, file: string, isOfProject: boolean, others?: readonly string[]]>
> = {
  'a folder without .git and package.json': ['plain', 'plain/src/a.mjs', true],
  'beside such a folder': ['plain', 'beside/a.mjs', false],
  'a monorepo without .git': [
    'mono/apps/shop',
    'mono/libs/prices/a.mjs',
    true,
    ['mono/package.json', 'mono/apps/shop/package.json'],
  ],
  'a package in another repository': [
    'home/shop',
    'home/other/a.mjs',
    false,
    ['home/package.json', 'home/shop/.git/HEAD'],
  ],
  'the nearest repository': [
    'git/shop/apps/web',
    'git/shop/libs/a.mjs',
    true,
    ['git/.git/HEAD', 'git/shop/.git'],
  ],
  'a worktree, whose .git is a file': ['tree/apps/web', 'tree/libs/a.mjs', true, ['tree/.git']],
};

for (const [what, [folder, file, isOfProject, others = []]] of Object.entries(FILES))
  t.test(
    `the text of a stack ${isOfProject ? 'has' : 'has not'} the line of a file of ${what}`,
    async (t) => {
      for (const other of others) write(join(outside, other), '');
      mkdirSync(join(outside, folder), { recursive: true });
      linesFrom(join(outside, folder));
      t.equal(lineIn(write(join(outside, file))), isOfProject ? 3 : undefined);
    },
  );

t.test('a project has two names where a link leads to it', async (t) => {
  const file = write(join(outside, 'linked/src/a.mjs'));
  symlinkSync(join(outside, 'linked'), join(outside, 'link'));
  linesFrom(join(outside, 'link'));
  t.equal(lineIn(file), 3);
  t.equal(lineIn(join(outside, 'link/src/a.mjs')), 3);
});

t.test(
  'a file outside of the project has its line once it runs, in whatever order it is named',
  async (t) => {
    linesFrom('/'); // the whole disk is no project
    const code = 'module.exports = (lookUp) => {\n  const found =\n    lookUp();\n  return found;\n};\n';
    const path = write(join(outside, 'later/a.cjs'), code);
    t.equal(lineIn(path), undefined);
    require(path);
    t.equal(lineIn(path), 3);
    const shown = write(join(outside, 'later/shown.mjs'), code);
    const run = new Script(code.replace('module.exports = ', ''), { filename: shown }).runInThisContext();
    t.equal(lineIn(shown), undefined);
    t.equal(run(lookUp).place?.attributes['code.file.path'], shown.slice(1));
    t.equal(lineIn(shown), 3);
  },
);

t.test('the lines of a file of empty lines alone are found', async (t) => {
  linesFrom(outside);
  const path = write(join(outside, 'lines.js'), '\n'.repeat(8 * 1024 * 1024));
  t.equal(placeIn(`Error\n    at file://${path}:8388608:1`)?.attributes['code.line.number'], 8_388_608);
});

/** The stack of what code throws that was compiled from a file, without the lines of its types, and evaluated under its name. */
function stackOfEvaluated(path: string, compiled: string): string {
  try {
    new Function(`${compiled}\n//# sourceURL=${path}`)();
  } catch (error) {
    return (error as Error).stack ?? '';
  }
  throw new Error('it throws nothing');
}

t.test('an error in code that was evaluated under the name of a file has no line of the file', async (t) => {
  linesFrom(outside);
  const types = 'interface Thing {\n  deep?: { er: string };\n}\n\nconst none: Thing = {};\n\n';
  const throwing = {
    'read.ts': 'function api() {\n  const thing = {};\n  return thing.deep.er;\n}\napi();\napi();\n',
    'new.ts': 'function api() {\n  const total = 1;\n  throw new RangeError("no");\n}\napi();\napi();\n',
    'called.ts': 'function api() {\n  const text = "{";\n  return JSON.parse(text);\n}\napi();\napi();\n',
  };
  for (const [name, compiled] of Object.entries(throwing)) {
    const path = write(join(outside, 'evaluated', name), `${types}${compiled}`);
    const stack = stackOfEvaluated(path, compiled);
    const [, line] = /\.ts:(\d+):/.exec(stack) ?? [];
    t.not(line, '9', 'the line of the compiled code');
    const file = { 'code.file.path': `evaluated/${name}`, 'code.function.name': 'api' };
    t.same(placeIn(stack)?.attributes, file, name);
    t.same(placeWithoutLine(stack), file, name);
    // As Vite's `ssrFixStacktrace` writes it.
    const mended = stack.replace(`.ts:${line}:`, '.ts:9:');
    t.same(placeIn(mended)?.attributes, { ...file, 'code.line.number': 9 }, `${name}, mended`);
    t.same(placeWithoutLine(mended), {}, `${name}, mended`);
    t.same(placeWithoutLine(stack.replaceAll(path, `file://${path}`)), {}, `${name}, of Node's own modules`);
  }
});
