import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { INSTALL_TIMEOUT_MS } from '../../../../../test/helpers/npm.ts';
import { attemptsOf, executionsOf, lineOf, runnerProject } from './runner-project.ts';

t.setTimeout(4 * INSTALL_TIMEOUT_MS);

const ATTEMPTS = [
  'concurrent.test.js › fails #0 fail: /fails',
  'concurrent.test.js › fast #0 pass: /fast /fast-again',
  'concurrent.test.js › number 1 #0 pass: /number-1',
  'concurrent.test.js › number 2 #0 pass: /number-2',
  'concurrent.test.js › slow #0 pass: /slow',
  'orders.test.js › has no suite #0 pass: /after /alone /before',
  'orders.test.js › orders › has a callback #0 pass: /after /before /callback',
  'orders.test.js › orders › has its this #0 pass: /after /before',
  'orders.test.js › orders › is a generator #0 pass: /after /before /generator',
  'orders.test.js › orders › is expected to fail #0 pass: /after /before /failing',
  'orders.test.js › orders › is flaky #0 fail: /after /before /fails',
  'orders.test.js › orders › is flaky #1 pass: /after /before /works',
  'orders.test.js › orders › of a customer › number 1 #0 pass: /after /before /number-1',
  'orders.test.js › orders › of a customer › number 2 #0 pass: /after /before /number-2',
  'orders.test.js › orders › passes #0 pass: /after /before /passes',
  'orders.test.js › orders › throws a text #0 fail: /after /before',
  'orders.test.js › orders › throws a text #1 fail: /after /before',
  'orders.test.js › orders › times out #0 fail: /after /before',
  'orders.test.js › orders › times out #1 fail: /after /before',
];
/** Where `times out` is written. */
const LINE_OF_LIMIT = lineOf('jest.cjs', "test('times out'");
const FILES = { 'test/orders.test.js': 'jest.cjs', 'test/concurrent.test.js': 'jest-concurrent.cjs' };

const MODES: readonly (readonly string[])[] = [
  ['-i'],
  ['-w', '2'],
  ['-w', '2', '--workerThreads'],
  ['-w', '2', '--forceExit'],
];

/** Jest 30 takes an environment's globals away at its end. */
const CLEANUP = ['-i', '-c', '{"testEnvironmentOptions":{"globalsCleanup":"on"}}'];

for (const version of ['29.7.0', '30.0.0', '30.5.2'])
  t.test(`each attempt of a test of Jest ${version} is a trace, and its output stays`, async (t) => {
    const is30 = version.startsWith('30.');
    const { folder, compare } = await runnerProject(t, [`jest@${version}`], FILES);
    for (const args of is30 ? [...MODES, CLEANUP] : MODES) {
      const { plain, traced, spans } = await compare(['jest', ...args]);
      t.equal(traced.code, plain.code, args.join(' '));
      t.equal(traced.output, plain.output, args.join(' '));
      t.same(attemptsOf(spans), ATTEMPTS, args.join(' '));
      const [late] = spans.filter(({ name }) => name.endsWith('times out'));
      t.equal(late?.attributes['code.line.number'], is30 ? LINE_OF_LIMIT : undefined, args.join(' '));
      t.notMatch(JSON.stringify(late?.events), /telemetry/, 'no frame of our own');
    }
    const shards: string[] = [];
    for (const shard of ['1/2', '2/2']) {
      const { plain, traced, spans } = await compare(['jest', `--shard=${shard}`]);
      t.equal(traced.output, plain.output, shard);
      shards.push(...attemptsOf(spans));
    }
    t.same(shards.toSorted(), ATTEMPTS, `each test is in one shard of ${folder}`);
  });

/** The error of `beforeAll` is that of each test below it, and Jest calls none of them. */
const UNPREPARED = `jest.retryTimes(1);
describe('with a database', () => {
  beforeAll(() => { throw new Error('no database'); });
  test('pays', () => {});
  describe('of a customer', () => { test('lists', () => {}); });
  test.concurrent('waits', async () => {});
});
test('needs none', () => {});
`;
/** What `afterAll` throws belongs to no test: all of them have ended by then. */
const UNCLEANED = `afterAll(() => { throw new Error('does not stop'); });
test('reads', () => {});
`;

for (const version of ['29.7.0', '30.5.2'])
  t.test(`a test of Jest ${version} whose beforeAll failed has failed`, async (t) => {
    const { compare } = await runnerProject(t, [`jest@${version}`], {
      'test/a.test.js': UNPREPARED,
      'test/b.test.js': UNCLEANED,
    });
    for (const workers of ['-i', '-w=2']) {
      const { plain, traced, spans } = await compare(['jest', workers]);
      t.equal(traced.output, plain.output, workers);
      t.equal(traced.code, 1, workers);
      t.same(
        attemptsOf(spans),
        [
          'a.test.js › needs none #0 pass: ',
          'a.test.js › with a database › of a customer › lists #0 fail: ',
          'a.test.js › with a database › pays #0 fail: ',
          'a.test.js › with a database › waits #0 fail: ',
          'b.test.js › reads #0 pass: ',
        ],
        workers,
      );
      const failed = spans.filter(({ attributes }) => attributes['test.case.result.status'] === 'fail');
      for (const { events } of failed)
        t.equal(events[0]?.attributes['exception.message'], 'no database', workers);
    }
  });

const TYPED = (name: string) => `const { start, stop, get } = require('./server.cjs');
beforeAll(start);
afterAll(stop);
test.each([[1]])('number %i', async (n: number) => {
  expect(await get('/${name}-' + n)).toBe(200);
});
`;
const SWC = { jsc: { parser: { syntax: 'typescript', tsx: true } }, module: { type: 'commonjs' } };
const TS_JEST = { tsconfig: { module: 'commonjs', isolatedModules: true }, diagnostics: false };
const PROJECTS = [
  { displayName: 'ts', testMatch: ['**/*.test.ts'], transform: { '\\.ts$': ['ts-jest', TS_JEST] } },
  { displayName: 'swc', testMatch: ['**/*.swc.tsx'], transform: { '\\.tsx$': ['@swc/jest', SWC] } },
  { displayName: 'jsdom', testMatch: ['**/page.test.js'], testEnvironment: 'jsdom' },
  { displayName: 'own', testMatch: ['**/heard.test.js'], testEnvironment: '<rootDir>/test/environment.cjs' },
];

t.test('so it is in TypeScript, in jsdom, and where an environment hears the events itself', async (t) => {
  const packages = ['jest', 'jest-environment-jsdom', 'jest-environment-node'].map(
    (name) => `${name}@30.5.2`,
  );
  const compilers = ['ts-jest@29.4.15', '@swc/jest@0.2.39', '@swc/core@1.16.22', 'typescript@5.9.3'];
  const { compare } = await runnerProject(t, [...packages, ...compilers], {
    'jest.config.json': `${JSON.stringify({ projects: PROJECTS })}\n`,
    'test/typed.test.ts': TYPED('ts'),
    'test/typed.swc.tsx': TYPED('swc'),
    'test/page.test.js': 'jest-page.cjs',
    'test/heard.test.js': 'jest-heard.cjs',
    'test/environment.cjs': 'jest-environment.cjs',
  });
  const { plain, traced, spans } = await compare(['jest', '-c', 'jest.config.json']);
  t.equal(traced.code, plain.code);
  t.equal(traced.output, plain.output);
  t.same(attemptsOf(spans), [
    'heard.test.js › is heard #0 pass: /before /heard',
    'heard.test.js › is heard twice #0 fail: /before /heard-1',
    'heard.test.js › is heard twice #1 pass: /before /heard-2',
    'page.test.js › asks by XMLHttpRequest #0 pass: /by-page',
    'page.test.js › has a document #0 pass: /by-test',
    'typed.swc.tsx › number 1 #0 pass: /swc-1',
    'typed.test.ts › number 1 #0 pass: /ts-1',
  ]);
});

const WATCHED = (only: string, passes: boolean) => `test('pays', () => expect(${passes}).toBe(true));
test${only}('lists', () => {});
`;

for (const version of ['29.7.0', '30.5.2'])
  t.test(`Jest ${version} says which tests it runs again while it watches`, async (t) => {
    const projects = ['one', 'two'].map((displayName) => ({ displayName }));
    const { folder, compare, watch } = await runnerProject(t, [`jest@${version}`], {
      'jest.config.json': `${JSON.stringify({ projects })}\n`,
      'test/a.test.js': WATCHED('', false),
      'test/b.test.js': `test('stays', () => {});\n`,
    });
    t.same(
      (await compare(['jest'])).spans.filter(({ attributes }) => 'tandem.test.execution' in attributes),
      [],
      'and not where it does not watch',
    );
    for (const workers of ['-i', '-w=2']) {
      await writeFile(join(folder, 'test/a.test.js'), WATCHED('', false));
      const jest = ['jest', '--watchAll', workers, '--testPathPatterns=a.test', '--watchman=false'];
      const command = version.startsWith('30.')
        ? jest
        : jest.map((each) => each.replace('Patterns', 'Pattern'));
      const { output, spans } = await watch(command, 'Ran all test suites', 'test/a.test.js', [
        WATCHED('.only', true),
        WATCHED('', true),
      ]);
      const each = [
        'a.test.js: lists pass, pays fail',
        'a.test.js: lists pass',
        'a.test.js: lists pass, pays pass',
      ];
      t.same(executionsOf(spans), [...each, ...each], output);
    }
  });
