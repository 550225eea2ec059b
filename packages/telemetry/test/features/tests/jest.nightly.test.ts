import t from 'tap';
import { INSTALL_TIMEOUT_MS } from '../../../../../test/helpers/npm.ts';
import { attemptsOf, runnerProject } from './runner-project.ts';

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
  'orders.test.js › orders › takes too long #0 fail: /after /before',
  'orders.test.js › orders › takes too long #1 fail: /after /before',
  'orders.test.js › orders › throws a text #0 fail: /after /before',
  'orders.test.js › orders › throws a text #1 fail: /after /before',
];
const FILES = { 'test/orders.test.js': 'jest.cjs', 'test/concurrent.test.js': 'jest-concurrent.cjs' };

const MODES: readonly (readonly string[])[] = [
  ['-i'],
  ['-w', '2'],
  ['-w', '2', '--workerThreads'],
  ['-w', '2', '--forceExit'],
];

for (const version of ['29.7.0', '30.0.0', '30.5.2'])
  t.test(`each attempt of a test of Jest ${version} is a trace, and its output stays`, async (t) => {
    const { compare } = await runnerProject(t, [`jest@${version}`], FILES);
    for (const args of MODES) {
      const { plain, traced, spans } = await compare(['jest', ...args]);
      t.equal(traced.code, plain.code, args.join(' '));
      t.equal(traced.output, plain.output, args.join(' '));
      t.same(attemptsOf(spans), ATTEMPTS, args.join(' '));
      const failed = spans.filter(({ attributes }) => attributes['test.case.result.status'] === 'fail');
      for (const { name, attributes } of failed) t.ok(attributes['code.line.number'], `line of ${name}`);
    }
  });
