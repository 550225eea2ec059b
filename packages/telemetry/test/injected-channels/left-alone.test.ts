import { mkdir, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { trace } from '@opentelemetry/api';
import t from 'tap';
import { TABLE } from '../../src/injected-channels/libraries.ts';
import { LISTED_FILES } from '../../src/injected-channels/listed-files.ts';
import { injectedChannels } from '../../src/injected-channels/trace-libraries.ts';
import { readSettings } from '../../src/settings/index.ts';

// Alone in its process: modules are loaded with hooks.
/** Loads files of libraries below the hooks, and returns what they export and what was said. */
async function load(files: Readonly<Record<string, string>>, env: Readonly<Record<string, string>> = {}) {
  const folder = join(t.testdirName, String(Math.random()), 'node_modules');
  for (const [file, text] of Object.entries(files)) {
    await mkdir(join(folder, file, '..'), { recursive: true });
    await writeFile(join(folder, file), text);
  }
  const said: string[] = [];
  const stop = injectedChannels()({
    provider: trace.getTracerProvider(),
    loggerProvider: undefined,
    settings: readSettings(env),
    log: { debug() {}, info() {}, error() {}, warn: (_fields: object, line: string) => said.push(line) },
  });
  const mains = Object.keys(files).filter((file) => file.endsWith('main.mjs'));
  const modules = mains.length > 0 ? mains : Object.keys(files).filter((file) => /js$/.test(file));
  const loaded = [];
  for (const file of modules) {
    const path = join(folder, file);
    loaded.push(file.endsWith('.mjs') ? await import(pathToFileURL(path).href) : createRequire(path)(path));
  }
  stop?.();
  return { loaded, said };
}
t.testdir();

/** A file that exports a class, and tells whether its methods are its own. */
const classOf = (name: string, methods: readonly string[]) => `
  class ${name} { ${methods.map((each) => `${each}() {}`).join(' ')} }
  const { ${methods.join(', ')} } = ${name}.prototype;
  ${name}.isLeft = () => Object.getOwnPropertyNames(${name}.prototype).length === ${methods.length + 1}
    && ${methods.map((each) => `${name}.prototype.${each} === ${each}`).join(' && ')};`;
const QUERY = `${classOf('Query', ['handle'])} module.exports = { Query, isLeft: Query.isLeft };`;
const DATABASE = `${classOf('Database', ['prepare', 'exec'])} module.exports = Database;`;

t.test('the files that are looked for are those of the table', async (t) => {
  const pathsOf = (kind: 'files' | 'modules') =>
    Object.entries(TABLE)
      .flatMap(([library, row]) => Object.keys(row[kind] ?? {}).map((file) => `${library}/${file}`))
      .filter((path) => path !== 'node:sqlite/')
      .toSorted();
  t.same(LISTED_FILES.commonjs.toSorted(), pathsOf('files'));
  t.same(LISTED_FILES.modules.toSorted(), pathsOf('modules'));
});

t.test('a version outside of the table is loaded as it is, with one line', async (t) => {
  const { loaded, said } = await load({
    'postgres/package.json': '{"version":"4.0.0"}',
    'postgres/cjs/src/query.js': QUERY,
    'postgres/cjs/src/connection.js': QUERY,
  });
  for (const { isLeft } of loaded) t.ok(isLeft());
  t.equal(said.length, 1);
  t.match(said[0], /postgres has no spans: .*4\.0\.0 is installed/);
});

t.test('a file that looks otherwise, or cannot be read, is loaded as it is', async (t) => {
  const { loaded, said } = await load({
    'postgres/package.json': '{"version":"3.4.0"}',
    'postgres/cjs/src/query.js': QUERY.replaceAll('handle', 'sends'),
    'libsql/index.js': DATABASE, // without a package.json
  });
  for (const { isLeft } of loaded) t.ok(isLeft());
  t.equal(said.length, 2);
});

t.test('a library that dd-trace traces is left to it, and no other', async (t) => {
  Reflect.set(globalThis, Symbol.for('dd-trace'), {});
  t.teardown(() => Reflect.deleteProperty(globalThis, Symbol.for('dd-trace')));
  const { loaded, said } = await load({
    'postgres/package.json': '{"version":"3.4.9"}',
    'postgres/cjs/src/query.js': QUERY,
    'libsql/package.json': '{"version":"0.5.0"}',
    'libsql/index.js': DATABASE,
  });
  t.same(
    loaded.map(({ isLeft }) => isLeft()),
    [true, false],
  );
  t.same(said, ['postgres has no spans: dd-trace traces it.']);
});

t.test('TRACE_INJECTED_CHANNELS=false leaves everything as it is, without a line', async (t) => {
  const { loaded, said } = await load(
    {
      'libsql/package.json': '{"version":"0.5.0"}',
      'libsql/index.js': DATABASE,
    },
    { TRACE_INJECTED_CHANNELS: 'false' },
  );
  t.ok(loaded[0].isLeft());
  t.same(said, []);
});

t.test(
  'an import gets the CommonJS of a library, and files beside it are loaded as without the hooks',
  async (t) => {
    const { loaded, said } = await load({
      'postgres/package.json': `{"version":"3.4.0","exports":{"import":"./src/index.js","default":"./cjs/src/index.js"}}`,
      'postgres/src/package.json': '{"type":"module"}',
      'postgres/src/index.js': 'export const kind = "module"; export default kind;',
      'postgres/cjs/src/index.js': 'exports.kind = "commonjs";',
      // As Express 5 has it: CommonJS that requires an ES module, which imports CommonJS.
      'app/both/plain.js': 'module.exports = 1;',
      'app/both/module.mjs': "import one from './plain.js'; export { one as 'module.exports' };",
      'app/both/requires.js': "module.exports = require('./again.js');",
      'app/both/again.js': "module.exports = require('./module.mjs');",
      'app/main.mjs':
        "import one from './both/requires.js'; import { kind } from 'postgres'; export { kind, one };",
    });
    const { kind, one } = loaded.at(-1);
    t.equal(kind, 'commonjs');
    t.equal(one, 1);
    t.same(said, []);
  },
);
