import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { distinct, sendLeftovers } from '../../child-process.ts';
import { startReceiver } from '../../receiver.ts';
import { attemptsOf } from './runner-project.ts';

// The files that telemetry listens in, with as little in them as the tests need. The nightlies beside this run the runners.

const REGISTER = import.meta.resolve('@tandem/telemetry/register');
const TOLD = `require('node:diagnostics_channel').subscribe('@tandem/telemetry:test-runner', (told) => console.log(JSON.stringify(told)));\n`;

/** Runs a program that has these files of packages. @returns what it printed, and its spans */
async function runWith(
  t: Pick<Test, 'teardown' | 'equal'>,
  packages: Readonly<Record<string, string>>,
  program: string,
  { flags = [], env = {} }: { flags?: readonly string[]; env?: Readonly<Record<string, string>> } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'runner-files-'));
  t.teardown(() => rm(folder, { recursive: true, force: true }));
  const receiver = await startReceiver(t);
  const files = Object.entries(packages).map(([name, text]) => [join('node_modules', name), text] as const);
  for (const [name, text] of [...files, ['main.cjs', TOLD + program] as const]) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  const sends = {
    OTEL_SERVICE_NAME: 'guest',
    OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    DATA_DIR: join(folder, 'data'),
  };
  const child = spawn(process.execPath, [...flags, '--import', REGISTER, 'main.cjs'], {
    cwd: folder,
    env: { PATH: process.env.PATH, OTEL_LOG_LEVEL: 'none', ...sends, ...env },
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  t.equal(code, 0, output);
  await sendLeftovers(sends);
  return { lines: output.split('\n').filter((line) => line !== ''), spans: distinct(receiver.spans()) };
}

const MOCHA = `
const { EventEmitter } = require('node:events');
class Runner extends EventEmitter {
  isParallelMode() { return this.parallel === true; }
}
Runner.constants = {
  EVENT_TEST_BEGIN: 'test', EVENT_TEST_FAIL: 'fail', EVENT_TEST_RETRY: 'retry', EVENT_HOOK_BEGIN: 'hook',
  EVENT_SUITE_BEGIN: 'suite', EVENT_SUITE_END: 'suite end', EVENT_RUN_END: 'end',
};
module.exports = Runner;
`;
const RUN_MOCHA = `
const Runner = require('mocha/lib/runner.js');
const test = (title, retry = 0, pending = false) => ({
  title, file: __filename, parent: { titlePath: () => ['orders'] }, currentRetry: () => retry, isPending: () => pending,
});
const each = { title: '"after each" hook' };
const all = { title: '"after all" hook' };
function run(runner) {
  const [first, second, skips, hooked] = [test('pays'), test('pays', 1), test('skips', 0, true), test('hooked')];
  runner.emit('suite', {});
  runner.emit('test', first);
  runner.emit('retry', first, new Error('503'));
  runner.emit('hook', each);
  runner.emit('test', second);
  runner.emit('pass', second);
  runner.emit('test', skips);
  runner.emit('test', hooked);
  runner.emit('hook', each);
  const shortened = '\\n    at Context.<anonymous> (main.cjs:39:13)'; // as Mocha does before it tells of a failure
  runner.emit('fail', each, Object.assign(new Error('in the hook'), { stack: 'Error: in the hook' + shortened }));
  runner.emit('hook', all);
  runner.emit('fail', all, new Error('of no test'));
  runner.emit('suite end', {});
  runner.emit('end');
}
run(new Runner());
run(Object.assign(new Runner(), { parallel: true }));
console.log(Runner.prototype.emit.name, Runner.prototype.emit.length);
`;

t.test(
  'the attempts of a test of Mocha are traces, and those of other processes are told there',
  async (t) => {
    const { lines, spans } = await runWith(
      t,
      { 'mocha/lib/runner.js': MOCHA, 'mocha/package.json': '{"version":"11.8.0"}' },
      RUN_MOCHA,
    );
    t.same(lines, ['{"runner":"Mocha"}', 'emit 1']);
    t.same(attemptsOf(spans), [
      'main.cjs › orders › hooked #0 fail: ',
      'main.cjs › orders › pays #0 fail: ',
      'main.cjs › orders › pays #1 pass: ',
      'main.cjs › orders › skips #0 skip: ',
    ]);
    const [hooked] = spans.filter(({ name }) => name.endsWith('hooked'));
    t.match(hooked, {
      statusMessage: 'in the hook',
      attributes: {
        'tandem.test.runner': 'mocha',
        'test.suite.name': 'orders',
        'code.file.path': 'main.cjs',
        'code.line.number': 39,
      },
    });
  },
);

/** The parts of jest-circus 30 that telemetry listens to, as Jest runs a file with them. */
const JEST = `
exports.default = async (globalConfig, config, environment, runtime, file) => {
  runtime.requireInternalModule('jestAdapterInit.js');
  const { place, test } = environment;
  const dispatch = (event) => environment.global[Symbol.for('EVENT_HANDLERS')].forEach((hear) => hear(event));
  const declare = () => dispatch({ name: 'add_test', asyncError: place });
  environment.load(declare);
  for (const [error, place] of environment.failures) {
    dispatch({ name: 'test_started', test });
    test.errors = [[error, place]];
    dispatch({ name: 'test_done', test });
    test.errors = [];
    test.invocations++;
  }
  dispatch({ name: 'run_finish' });
};
`;
const RUN_JEST = `
const run = require('jest-circus/build/runner.js').default;
const place = Object.defineProperty(new Error(), 'stack', { get: () => console.log('the stack of the runner was read') });
const handlers = [];
const environment = {
  global: {},
  place,
  load(test) {
    test();
  },
  failures: [['Exceeded timeout of 5 ms for a test.', place], [new TypeError('no sku'), place]],
  test: { type: 'test', name: 'pays', errors: [], invocations: 1, parent: { name: 'ROOT_DESCRIBE_BLOCK' } },
};
const runtime = { requireInternalModule() { environment.global[Symbol.for('EVENT_HANDLERS')] ??= handlers; } };
run({}, {}, environment, runtime, __filename);
`;

t.test(
  "a time limit of Jest, which is a text, has the line of the test, and not one of telemetry's",
  async (t) => {
    const packages = {
      'jest-circus/build/runner.js': JEST,
      'jest-circus/package.json': '{"version":"30.5.2"}',
    };
    const { lines, spans } = await runWith(t, packages, RUN_JEST);
    t.same(lines, ['{"runner":"Jest"}']);
    const [late, thrown] = spans.toSorted((a, b) => Number(a.start - b.start));
    t.match(late, { name: 'main.cjs › pays', statusMessage: 'Exceeded timeout of 5 ms for a test.' });
    const line = 1 + `${TOLD}${RUN_JEST}`.split('\n').indexOf('    test();');
    t.equal(late?.attributes['code.line.number'], line);
    const stackOf = (span: typeof late) => String(span?.events[0]?.attributes['exception.stacktrace']);
    t.match(stackOf(late), /^Error: Exceeded timeout of 5 ms for a test\.\n {4}at (?!.*telemetry)/);
    t.match(stackOf(thrown), /^TypeError: no sku\n {4}at .*main\.cjs:/, 'an error keeps its own stack');
  },
);

t.test(
  'spans that a file of Jest loses are told, and not those of a file that had telemetry of its own',
  async (t) => {
    const packages = {
      'jest-circus/build/runner.js': JEST,
      'jest-circus/package.json': '{"version":"30.5.2"}',
    };
    const loaded =
      "registries: { moduleRegistry: new Map([['/shop/node_modules/@opentelemetry/api/index.js']]) },";
    const program = RUN_JEST.replace('const runtime = {', `const runtime = { ${loaded}`);
    const lost = await runWith(t, packages, program);
    t.match(lost.lines, [
      '{"runner":"Jest"}',
      /"note":"Spans that code makes by @opentelemetry\/api itself are missing/,
    ]);
    // What the API leaves there when test telemetry was shut down in `afterAll`.
    const shutDown = "global: { [Symbol.for('opentelemetry.js.api.1')]: { version: '1.9.1' } },";
    const own = await runWith(t, packages, program.replace('global: {},', shutDown));
    t.same(own.lines, ['{"runner":"Jest"}']);
  },
);

t.test('a version of a runner that has not what telemetry listens to is as it was, and named', async (t) => {
  const packages = {
    'mocha/lib/runner.js': 'class Runner {}\nmodule.exports = Runner;\n',
    'mocha/package.json': '{"version":"99.1.0"}',
    'jest-circus/build/runner.js': 'exports.default = async () => "ran";\n',
    'jest-circus/package.json': '{"version":"99.2.0"}',
    'jest-jasmine2/build/index.js': 'exports.default = () => {};\n',
    'jest-jasmine2/package.json': '{"version":"30.0.0"}',
  };
  const program = `
    const Runner = require('mocha/lib/runner.js');
    console.log(Object.getOwnPropertyNames(Runner.prototype).join());
    require('jest-jasmine2/build/index.js');
    const run = require('jest-circus/build/runner.js').default;
    run({}, {}, { global: {} }, { requireInternalModule() {} }, __filename).then(console.log);
  `;
  const { lines, spans } = await runWith(t, packages, program);
  const notes = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line).note);
  t.match(notes, [
    /^The tests of Mocha 99\.1\.0 /,
    /^The tests of Jest 30\.0\.0 /,
    /^The tests of Jest 99\.2\.0 /,
  ]);
  t.same(
    lines.filter((line) => !line.startsWith('{')),
    ['constructor', 'ran'],
  );
  t.same(spans, []);
});

const PLAYWRIGHT = {
  'playwright/lib/common/index.js':
    'class ProcessRunner { dispatchEvent() {} }\nexports.ProcessRunner = ProcessRunner;\n',
  'playwright/package.json': '{"version":"1.65.1"}',
  'playwright-core/index.js':
    "exports._instrumentation = { addListener: (heard) => console.log('hears', Object.keys(heard).join()) };\n",
};
const RUN_PLAYWRIGHT = `
require('playwright/lib/common/index.js');
console.log('the hooks of Playwright begin');
require('playwright-core');
`;
/** Node 22.15 asks for no folders for an import behind Playwright's hooks. `playwright.nightly` runs that Node. */
const AS_NODE_22_15 = [
  '--import',
  "data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '22.15.0' })",
];

t.test("pages are listened to before Playwright's hooks, where nothing is heard behind them", async (t) => {
  const hooks = 'the hooks of Playwright begin';
  const hears = 'hears runAfterCreateBrowserContext';
  const older = await runWith(t, PLAYWRIGHT, RUN_PLAYWRIGHT, { flags: AS_NODE_22_15 });
  t.same(older.lines, [hears, hooks]);
  const off = { flags: AS_NODE_22_15, env: { TRACE_BROWSER: 'false' } };
  t.same((await runWith(t, PLAYWRIGHT, RUN_PLAYWRIGHT, off)).lines, [hooks]);
  const newer = await runWith(t, PLAYWRIGHT, RUN_PLAYWRIGHT);
  t.same(newer.lines, [hooks, hears], 'elsewhere the library is loaded when somebody asks for it');
});
