import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { INSTALL_TIMEOUT_MS } from '../../../../../test/helpers/npm.ts';
import { attemptsOf, executionsOf, lineOf, runnerProject } from './runner-project.ts';

t.setTimeout(2 * INSTALL_TIMEOUT_MS);

const ATTEMPTS = [
  'module.mjs › of ES modules › fails #0 fail: /fails',
  'module.mjs › of ES modules › passes #0 pass: /module',
  'orders.cjs › orders › has a callback #0 pass: /after /before /callback',
  'orders.cjs › orders › has its this #0 pass: /after /before',
  'orders.cjs › orders › is flaky #0 fail: /after /before /fails',
  'orders.cjs › orders › is flaky #1 pass: /after /before /works',
  'orders.cjs › orders › passes #0 pass: /after /before /passes',
  'orders.cjs › orders › skips itself #0 skip: /after /before /itself',
  'orders.cjs › orders › times out #0 fail: /after /before',
  'orders.cjs › orders › with a hook that fails › passes before #0 fail: /after /before /hook',
];

for (const version of ['11.0.1', '11.8.0'])
  t.test(`each attempt of a test of Mocha ${version} is a trace, and its output stays`, async (t) => {
    const { compare } = await runnerProject(t, [`mocha@${version}`], {
      'test/orders.cjs': 'mocha.cjs',
      'test/module.mjs': 'mocha-module.mjs',
    });
    const files = ['test/orders.cjs', 'test/module.mjs'];
    for (const args of [[], ['--parallel'], ['--forbid-pending', '--exit']]) {
      const { plain, traced, spans } = await compare(['mocha', ...args, ...files]);
      t.equal(traced.code, plain.code, args.join(' '));
      t.equal(traced.output, plain.output, args.join(' '));
      const isForbidden = args.includes('--forbid-pending');
      t.same(
        attemptsOf(spans),
        ATTEMPTS.map((line) => (isForbidden ? line.replace(' skip:', ' fail:') : line)),
        args.join(' '),
      );
      const hooked = spans.find(({ name }) => name.endsWith('passes before'));
      t.equal(hooked?.attributes['code.line.number'], lineOf('mocha.cjs', "Error('in the hook')"));
      const workers = spans.flatMap(({ attributes }) => attributes['tandem.test.worker'] ?? []);
      t.equal(workers.length, args.includes('--parallel') ? ATTEMPTS.length : 0);
    }
  });

const WATCHED = (only: string, error: string) => `it('pays', () => { ${error} });
it${only}('lists', () => {});
`;

for (const version of ['11.0.1', '11.8.0'])
  t.test(`Mocha ${version} says which tests it runs again while it watches`, async (t) => {
    const { folder, watch } = await runnerProject(t, [`mocha@${version}`], {
      'test/b.cjs': `it('stays', () => {});\n`,
    });
    for (const parallel of [[], ['--parallel']]) {
      await writeFile(join(folder, 'test/a.cjs'), WATCHED('', `throw new Error('none');`));
      const command = ['mocha', '--watch', ...parallel, 'test/a.cjs', 'test/b.cjs'];
      const only = parallel.length === 0 ? [WATCHED('.only', '')] : []; // which Mocha forbids there
      const { output, spans } = await watch(command, 'waiting for changes', 'test/a.cjs', [
        ...only,
        WATCHED('', ''),
      ]);
      t.same(
        executionsOf(spans),
        [
          'a.cjs: lists pass, pays fail',
          ...only.map(() => 'a.cjs: lists pass'),
          'a.cjs: lists pass, pays pass',
          'b.cjs: stays pass',
        ],
        output,
      );
    }
  });
