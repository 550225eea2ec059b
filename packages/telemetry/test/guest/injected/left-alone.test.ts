import { mkdir, writeFile } from 'node:fs/promises';
import nodeModule, { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { trace } from '@opentelemetry/api';
import t from 'tap';
import { leftToHost } from '../../../src/beside/leave-to-host.ts';
import { withSpan } from '../../../src/common/with-span.ts';
import { listenersOf } from '../../../src/guest/injected/call.ts';
import { LISTENERS, REPLACING } from '../../../src/guest/injected/listeners.ts';
import { injectedChannels } from '../../../src/guest/injected/trace-libraries.ts';
import type { DriverLibrary, Functions } from '../../../src/guest/libraries.ts';
import { LIBRARIES } from '../../../src/guest/libraries.ts';
import { loadHooksFrom } from '../../../src/guest/loading/module-loading.ts';
import { readSettings } from '../../../src/process/settings/index.ts';
import { assertTrace, createTestTelemetry } from '../../../src/service/testing/index.ts';

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

t.test('what the table lets telemetry replace or hear is a file of it, and has a line', async (t) => {
  const replaced = (functions: Functions, name = ''): string[] =>
    typeof functions === 'object'
      ? Object.entries(functions).flatMap(([member, each]) => replaced(each, member))
      : functions === 'replaced'
        ? [name]
        : [];
  const asked = Object.entries(LIBRARIES).flatMap(([library, { files = {} }]) =>
    Object.values(files).flatMap((each) => replaced(each).map((name) => `${library} ${name}`)),
  );
  const lines = Object.entries(REPLACING).flatMap(([library, each]) =>
    Object.keys(each).map((name) => `${library} ${name}`),
  );
  t.same([...new Set(asked)].toSorted(), lines.toSorted());
  for (const library of Object.keys(LISTENERS)) t.ok(LIBRARIES[library]?.files, library);
});

t.test('a library that publishes nothing is a row, what makes its spans, and a line', async (t) => {
  const telemetry = createTestTelemetry();
  const added = [LIBRARIES, LISTENERS] as unknown as Record<string, unknown>[];
  t.teardown(async () => {
    for (const each of added) delete each['plain-db'];
    await telemetry.shutdown();
  });
  const row: DriverLibrary = {
    systems: ['plain'],
    isSilent: true,
    versions: ['1.0.0', '2.0.0'],
    files: { 'index.js': { ask: 'sync' } },
  };
  const listeners = listenersOf({
    ask: { describe: ({ arguments: [text] }) => ({ name: `ask ${text}`, attributes: {} }) },
  });
  Object.assign(LIBRARIES, { 'plain-db': row });
  Object.assign(LISTENERS, { 'plain-db': listeners });
  const { loaded, said } = await withSpan('outer', {}, () =>
    load({
      'plain-db/package.json': '{"version":"1.0.0"}',
      'plain-db/index.js': 'exports.ask = (text) => [text];',
      'uses.js': `module.exports = require('plain-db').ask('SELECT 1');`,
    }),
  );
  t.same(loaded[1], ['SELECT 1']);
  t.same(said, []);
  assertTrace(
    telemetry.spans(),
    `
    outer  INTERNAL
      ask SELECT 1  CLIENT
  `,
  );
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

/** Libraries that publish nothing and get nothing, whose second file is another line of nothing. */
const UNHEARD = {
  'mongodb/index.js': `require('./lib.js');`,
  'mongodb/lib.js': '',
  'nats/index.js': '',
};

t.test('a library without spans is named once, when it is first loaded', async (t) => {
  t.teardown(() => leftToHost.clear());
  const { said } = await load(UNHEARD);
  t.same(said.map((line) => line.split(' ')[0]).toSorted(), ['mongodb', 'nats']);
  const esm = await load({ '@libsql/client/main.mjs': `import './lib.mjs';`, '@libsql/client/lib.mjs': '' });
  t.same(
    esm.said.map((line) => line.split(' ')[0]),
    ['@libsql/client'],
  );
  const again = await load(UNHEARD, { TRACE_INJECTED_CHANNELS: 'false' });
  t.same(again.said, []);
  leftToHost.add('@opentelemetry/instrumentation-mongodb');
  t.notMatch((await load(UNHEARD)).said.join('\n'), /mongodb/, 'the host has its spans');
});

t.test('a library below another one, which has the spans, is not named', async (t) => {
  const { said } = await load({ 'mongoose/index.js': '', ...UNHEARD });
  t.notMatch(said.join('\n'), /mongodb/);
  t.match(said.join('\n'), /nats has no spans/);
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

/** postgres.js in small: two copies, of which each has the files of the table. */
const POSTGRES = {
  'postgres/package.json': `{"version":"3.4.0","exports":{".":{"import":"./src/index.js","default":"./cjs/src/index.js"},"./*":"./*"}}`,
  'postgres/src/package.json': '{"type":"module"}',
  'postgres/src/index.js': `import Connection from './connection.js'; import { Query } from './query.js'; export { Connection, Query };`,
  'postgres/src/query.js': 'export class Query { handle(a, b) {} }',
  'postgres/src/connection.js':
    'export default Connection\n\nfunction Connection(options, queues) {\n  return { connect() {}, execute() {} };\n}',
  'postgres/cjs/src/index.js': `exports.Connection = require('./connection.js'); exports.Query = require('./query.js').Query;`,
  'postgres/cjs/src/query.js': 'exports.Query = class Query { handle(a, b) {} };',
  'postgres/cjs/src/connection.js': 'module.exports = function Connection(options, queues) {};',
};
/** Files of other libraries are loaded meanwhile, as Express 5 has them: CommonJS requires an ES module, which imports CommonJS. */
const OTHERS = {
  'app/both/plain.js': 'module.exports = 1;',
  'app/both/module.mjs': "import one from './plain.js'; export { one as 'module.exports' };",
  'app/both/requires.js': "module.exports = require('./again.js');",
  'app/both/again.js': "module.exports = require('./module.mjs');",
};
const hasChannel = ({ Query }: { Query: { prototype: object } }) => Object.hasOwn(Query.prototype, 'state');
const IS_HOOKED = loadHooksFrom(process.versions.node) === undefined;

t.test('each road to a library leads where it leads without telemetry', async (t) => {
  const main = `
    import one from './both/requires.js';
    import nodeModule, { createRequire } from 'node:module';
    import * as byName from 'postgres';
    import { Query } from 'postgres/src/query.js';
    const byUrl = await import(new URL('../postgres/src/index.js', import.meta.url));
    const byQuery = await import(new URL('../postgres/src/query.js?again', import.meta.url));
    const required = createRequire(import.meta.url)('postgres');
    const resolved = import.meta.resolve('postgres');
    export { byName, byQuery, byUrl, one, Query, required, resolved };`;
  const files = { ...POSTGRES, ...OTHERS, 'app/main.mjs': main };
  const roads = async (env: Readonly<Record<string, string>>) => {
    const { loaded, said } = await load(files, env);
    const { byName, byQuery, byUrl, one, Query, required, resolved } = loaded[0];
    const facts = {
      one,
      names: Object.keys(byName),
      resolved: resolved.split('/node_modules/')[1],
      isUrlTheName: byUrl.Query === byName.Query && byUrl.Connection === byName.Connection,
      isFileTheName: Query === byName.Query,
      isQueryAnother: byQuery.Query !== byName.Query,
      isRequiredAnother: required.Query !== byName.Query,
      functions: [byName, required].flatMap(({ Connection, Query: { prototype } }) => [
        [Connection.name, Connection.length],
        [prototype.handle.name, prototype.handle.length],
      ]),
    };
    const channels = [byName, byQuery, required].map(hasChannel);
    return { facts, channels, said, Connection: byName.Connection };
  };
  const plain = await roads({ TRACE_INJECTED_CHANNELS: 'false' });
  const traced = await roads({});
  t.same(traced.facts, plain.facts);
  t.match(plain.facts, { resolved: 'postgres/src/index.js', isFileTheName: true, isRequiredAnother: true });
  t.same(plain.channels, [false, false, false]);
  t.same(plain.said, []);
  t.same(traced.channels, [IS_HOOKED, false, true]);
  t.equal(traced.said.length, 1, 'a copy has no spans');
  t.match(traced.said[0], IS_HOOKED ? /imported as query\.js\?again/ : /ES modules get them from Node/);
  t.notOk(plain.Connection.toString().includes('traceSync'));
  t.equal(traced.Connection.toString() !== plain.Connection.toString(), IS_HOOKED, 'what makes connections');
});

t.test('a file of ES modules that another loader has changed is loaded as it is', async (t) => {
  const asData = nodeModule.registerHooks({
    resolve: (name, context, next) =>
      name === 'another-kind'
        ? {
            url: new URL('../postgres/src/query.js', context.parentURL).href,
            format: 'json',
            shortCircuit: true,
          }
        : next(name, context),
    load: (url, context, next) =>
      context.format === 'json'
        ? { format: 'json', source: '{"Query":{"prototype":{}}}', shortCircuit: true }
        : next(url, context),
  });
  t.teardown(() => asData.deregister());
  const main = `import data from 'another-kind' with { type: 'json' }; export { data };`;
  const { loaded, said } = await load({ ...POSTGRES, 'app/main.mjs': main });
  t.notOk(hasChannel(loaded[0].data));
  t.equal(said.length, 1);
});

t.test(
  'no function of telemetry is on the stack of a file, nor in the error of one that is missing',
  async (t) => {
    const stack = 'new Error().stack';
    const { loaded } = await load({
      'app/package.json': '{}',
      'app/main.js': `
      const library = require('postgres');
      const other = require('./other.js');
      const missing = ['no-such-package', './no-such-file.js'].map((name) => {
        try { require(name); } catch (error) { return error.stack; }
      });
      module.exports = [${stack}, other, library.stack, ...missing];`,
      'app/other.js': `module.exports = ${stack};`,
      ...POSTGRES,
      'postgres/cjs/src/query.js': `exports.Query = class Query { handle() {} }; exports.stack = ${stack};`,
      'postgres/cjs/src/index.js': `Object.assign(exports, require('./query.js'));`,
    });
    const stacks: string[] = loaded.find((each) => Array.isArray(each)) ?? [];
    t.equal(stacks.length, 5);
    for (const each of stacks) {
      t.match(each, /\n +at /);
      t.notMatch(each, /guest\/loading|trace-libraries|customization_hooks/);
    }
  },
);

t.test('what telemetry waits for leaves nothing in the cache of modules', async (t) => {
  const { loaded } = await load({
    ...POSTGRES,
    'app/main.mjs': `
      import nodeModule, { createRequire } from 'node:module';
      import 'postgres/cjs/src/index.js';
      createRequire(new URL('../bullmq/dist/cjs/classes/x.js', import.meta.url));
      await new Promise(setImmediate);
      const { cache } = createRequire(import.meta.url);
      const descriptors = Object.entries(Object.getOwnPropertyDescriptors(cache));
      export const odd = descriptors.filter(([, { get }]) => get !== undefined).map(([name]) => name);
      export const modules = Object.values(cache).filter(({ filename }) => filename?.startsWith(new URL('../postgres/cjs/', import.meta.url).pathname))
        .map((module) => Object.getOwnPropertyDescriptor(module, 'loaded'));`,
  });
  t.same(loaded[0].odd, []);
  const loadedOnce = { value: true, configurable: true, enumerable: true, writable: true };
  t.same(loaded[0].modules, [loadedOnce, loadedOnce, loadedOnce]);
});

t.test('an import of CommonJS has its channels, also where an ES module is required', async (t) => {
  const library = {
    'libsql/package.json': '{"version":"0.5.0"}',
    'libsql/index.js': DATABASE,
  };
  for (const main of [
    { 'app/main.mjs': `export { default } from 'libsql';` },
    {
      'app/main.mjs': `import other from './other.cjs'; export { other as default };`,
      'app/other.cjs': `module.exports = require('./library.mjs').library;`,
      'app/library.mjs': `import library from 'libsql'; export { library };`,
    },
  ]) {
    const { loaded, said } = await load({ ...library, ...main });
    t.notOk(loaded[0].default.isLeft(), Object.keys(main).join());
    t.same(said, []);
  }
});

t.test('hooks for loading stand where Node does not break what is required beside them', async (t) => {
  const from = Object.fromEntries(
    [
      '22.15.0',
      '22.22.2',
      '22.22.3',
      '22.23.0',
      '23.9.0',
      '24.11.0',
      '24.11.1',
      '25.0.0',
      '25.1.0',
      '26.0.0',
      '30.1.2',
    ].map((version) => [version, loadHooksFrom(version)]),
  );
  t.same(from, {
    '22.15.0': '22.22.3',
    '22.22.2': '22.22.3',
    '22.22.3': undefined,
    '22.23.0': undefined,
    '23.9.0': '24.11.1',
    '24.11.0': '24.11.1',
    '24.11.1': undefined,
    '25.0.0': '25.1.0',
    '25.1.0': undefined,
    '26.0.0': undefined,
    '30.1.2': undefined,
  });
});
