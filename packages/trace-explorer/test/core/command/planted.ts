import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import type { SectionName } from '../../../src/parts/report/sections.ts';
import { changesIn } from '../../../src/parts/report/sections.ts';
import type { RunReport } from '../../../src/parts/report/server/schemas.ts';
import { callerEnv, runsIn, startCommand } from './run-command.ts';

const MAIN = fileURLToPath(import.meta.resolve('../../../start.js'));
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
export function assertPlanted(t: Test, { changes: all, not_compared }: RunReport): void {
  const isTimed = not_compared?.times === undefined;
  if (all === undefined) throw new Error('nothing was compared');
  const told = (section: SectionName) => changesIn(all, section);
  const calls = told('calls').map(({ how, route, sentence }) => `${how} in ${route}: ${sentence}`);
  t.same(calls.toSorted(), [
    'more in GET /carts: SELECT prices 0 → 1',
    'more in GET /orders: SELECT items 1 → 15',
    'more in GET /pay: GET payments.example 0 → 1',
    'more in GET /stock: SELECT stock 1 → 3',
  ]);
  t.same(
    told('causes')
      .flatMap(({ cause }) => cause ?? [])
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
    told('slower')
      .map(({ route }) => route)
      .toSorted(),
    isTimed ? ['GET /export', 'GET /home', 'GET /reports'] : [],
    'and nothing else',
  );
  const sentenceOf = (wanted: string) => told('slower').find(({ route }) => route === wanted)?.sentence;
  if (isTimed) t.match(sentenceOf('GET /home'), /^calls that ran side by side wait/);
  if (isTimed) t.match(sentenceOf('GET /reports'), /^SELECT report /);
  t.same(
    told('dependencies').map(({ service, sentence }) => sentence.slice(service.length)),
    [' now calls payments.example'],
  );
  t.match(told('renamed'), [{ route: 'GET /people/:id', sentence: 'GET /users/:id is now GET /people/:id' }]);
  t.same(
    told('failing').map(({ sentence }) => shortOf(sentence)),
    ['shop › exports in time'],
  );
  const scores = told('scores');
  t.equal(scores.length, 1);
  t.ok((scores[0]?.now ?? 100) < (scores[0]?.before ?? 0));
  const others = ['gone', 'errors', 'answers', 'newTests', 'goneTests', 'mended'] as const;
  t.same(others.flatMap(told), []);
  t.same(
    all.filter(({ sure }) => sure?.by === 'chance'),
    [],
  );
}

/** A test's path without its file, which stands as the command's folder sees it. */
function shortOf(test: string): string {
  return test.slice(test.indexOf('shop ›'));
}
