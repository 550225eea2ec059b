import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import type { Changes, RunReport } from '../../../src/parts/report/server/schemas.ts';
import { callerEnv, runsIn, startCommand } from './run-command.ts';

const MAIN = fileURLToPath(import.meta.resolve('../../../src/main.ts'));
/** Tests of a shop, before or after a pull request. */
export const SHOP = fileURLToPath(import.meta.resolve('../../parts/report/server/fixtures/shop.test.mjs'));

/** Runs the shop's tests before and after a pull request with twelve planted changes. @returns the files of both runs */
export async function plantedRuns(
  t: Test,
  work: string,
  name: string,
): Promise<[base: string, head: string]> {
  const { start } = runsIn(work);
  const keep = async (planted: boolean): Promise<string> => {
    const file = join(work, `${name}-${planted}.gz`);
    const command = ['--save', file, '--', process.execPath, '--test', SHOP];
    const { ended, said } = start(t, command, [], { PLANTED: String(planted), OTEL_TRACES_EXPORTER: 'otlp' });
    t.equal(await ended, Number(planted), `${said.out}${said.err}`);
    t.match(
      said.err,
      planted ? /11 tests passed, 1 failed; \d+ problems in 1\d requests/ : /12 tests passed; /,
    );
    return file;
  };
  return [await keep(false), await keep(true)];
}

/** Runs a command that takes files of runs. */
export async function command(t: Test, work: string, args: readonly string[], env: object = {}) {
  const { said, ended } = startCommand(t, [process.execPath, MAIN, ...args], {
    cwd: work,
    env: { ...callerEnv(), ...env },
  });
  return { code: await ended, ...said };
}

/** Each of the ten changes is said, and nothing of the two that do nothing. */
export function assertPlanted(t: Test, { changes: report, not_compared }: RunReport): void {
  const isTimed = not_compared?.times === undefined;
  if (report === undefined) throw new Error('nothing was compared');
  const changes = (list: Changes['more_calls']) =>
    list.map(({ route, sentence }) => `${route}: ${sentence}`).toSorted();
  t.same(changes(report.more_calls), [
    'GET /carts: SELECT prices 0 → 1',
    'GET /orders: SELECT items 1 → 15',
    'GET /pay: GET payments.example 0 → 1',
    'GET /stock: SELECT stock 1 → 3',
  ]);
  t.same(
    report.new_causes
      // A loaded machine makes pauses between calls, and the finding of sequential calls allows none: "slower" says them below.
      .filter(({ rule, route }) => rule !== 'sequential-calls' || route !== 'GET /home')
      .map(({ rule, route, test = '' }) => `${rule} in ${route} in ${shortOf(test)}`)
      .toSorted(),
    [
      ['error in GET /profile', 'profile'],
      ['error in GET /stock', 'stock'],
      ['repeated-call in GET /orders', 'orders'],
      // Other programs of the machine may take so much of it that nothing can be said about time.
      ...(isTimed
        ? [
            ['slow-call in GET /reports', 'reports'],
            ['unexplained-time in GET /export', undefined],
          ]
        : []),
    ].map(([cause, path]) => `${cause} in shop › ${path ? `answers ${path}` : 'exports in time'}`),
  );
  t.same(
    report.slower.map(({ route }) => route).toSorted(),
    isTimed ? ['GET /export', 'GET /home', 'GET /reports'] : [],
    'and nothing else',
  );
  const sentenceOf = (wanted: string) => report.slower.find(({ route }) => route === wanted)?.sentence;
  if (isTimed) t.match(sentenceOf('GET /home'), /^calls that ran side by side wait/);
  if (isTimed) t.match(sentenceOf('GET /reports'), /^SELECT report /);
  t.same(
    report.new_dependencies.map(({ target }) => target),
    ['payments.example'],
  );
  t.match(report.renamed_routes, [{ from: 'GET /users/:id', to: 'GET /people/:id' }]);
  t.same(
    report.newly_failing.map(({ test }) => shortOf(test)),
    ['shop › exports in time'],
  );
  t.equal(report.scores.length, 1);
  t.ok((report.scores[0]?.head ?? 100) < (report.scores[0]?.base ?? 0));
  const { gone_causes, by_chance, fewer_calls, statuses, new_tests, gone_tests, mended } = report;
  t.same([gone_causes, by_chance, fewer_calls, statuses, new_tests, gone_tests, mended].flat(), []);
}

/** A test's path without its file, which stands as the command's folder sees it. */
function shortOf(test: string): string {
  return test.slice(test.indexOf('shop ›'));
}
