import type { Test } from 'tap';
import t from 'tap';
import { IS_NIGHT } from '../../../../../../../test/helpers/nightly.ts';
import type { Change, RunComparison } from '../../../../../src/parts/report/server/compare/change.ts';
import { temporaryExplorer } from '../../../../explorer.ts';
import { storeSpans } from '../../../../spans.ts';
import type { RunOptions } from './make-run.ts';
import { makeRun, randomFrom } from './make-run.ts';

// At night too: with 100 pairs of runs that differ and 200 that do not.

if (IS_NIGHT) t.setTimeout(3_600_000);

const random = randomFrom(33);

/** An explorer in which pairs of runs are compared. */
async function pairs(t: Test) {
  const { store, get } = await temporaryExplorer(t);
  let count = 0;
  return async (head: RunOptions = {}, base: RunOptions = {}): Promise<RunComparison> => {
    const [first, second] = [`base ${++count}`, `head ${count}`];
    await storeSpans(store, makeRun(first, random, base));
    await storeSpans(store, makeRun(second, random, head));
    const path = `/api/compare?${new URLSearchParams({ base: first, head: second })}`;
    const { body } = await get(path);
    t.same((await get(path)).body, body);
    return body;
  };
}

function changesOf({ changes }: RunComparison): Change[] {
  return changes.map((each) => ({ ...each, route: `${each.service} ${each.route}` }));
}

for (const python of IS_NIGHT ? [false, true] : [true])
  t.test(`a loop of calls is found in every pair${python ? ', of Python’s spans too' : ''}`, async (t) => {
    const compare = await pairs(t);
    for (let pair = 0; pair < (IS_NIGHT ? 100 : 1); pair++) {
      const found = await compare({ userCalls: 7, python }, { python });
      const calls = changesOf(found).filter(({ of }) => of === 'calls');
      t.match(calls, [
        {
          of: 'calls',
          how: 'more',
          worse: true,
          sure: { by: 'chance' },
          route: 'api GET /home',
          sentence: 'GET /api/users 1 → 7 per request (users)',
          before: 1,
          now: 7,
        },
      ]);
      t.equal(calls.length, 1);
      t.ok(found.worse);
    }
  });

t.test('equal runs with other content are equal', async (t) => {
  const compare = await pairs(t);
  const all = [];
  for (let pair = 0; pair < (IS_NIGHT ? 200 : 2); pair++) all.push(changesOf(await compare()));
  const reported = all.filter(({ length }) => length > 0);
  t.ok(reported.length <= (IS_NIGHT ? 10 : 1), JSON.stringify(reported));
  t.same(
    all.flat().filter(({ of }) => of !== 'duration'),
    [],
  );
});

t.test('20 ms more on one route of five are found with 300 requests in all', async (t) => {
  const compare = await pairs(t);
  for (let pair = 0; pair < (IS_NIGHT ? 100 : 2); pair++) {
    const [first] = changesOf(await compare({ slowerMs: 20 }));
    t.match(first, { of: 'duration', worse: true, route: 'api GET /search' });
    t.match(first?.sentence, /^P50 \S+ ms → \S+ ms \(\+\S+ ms to \+\S+ ms\)$/);
  }
});

t.test('a call that is new or gone, and a share of errors', async (t) => {
  const compare = await pairs(t);
  const found = changesOf(await compare({ userCalls: 0, failing: 0.5 }));
  const of = (kind: Change['of']) => found.filter((each) => each.of === kind);
  t.match(of('calls'), [
    { how: 'fewer', worse: false, sentence: 'gone: GET /api/users 1 → 0 per request (users)' },
  ]);
  t.match(of('errors'), [{ worse: true, route: 'api GET /search', sentence: /^errors 0 % → \d+(\.\d)? %$/ }]);
  t.equal(found.length, 2);
  const back = changesOf(await compare({}, { userCalls: 0 }));
  t.match(back, [{ of: 'calls', worse: true, sentence: 'new: GET /api/users 0 → 1 per request (users)' }]);
});

t.test('calls are those of the nearest request, and each leads to a trace of both runs', async (t) => {
  const compare = await pairs(t);
  const { routes, base, head } = await compare();
  t.match(base, { name: 'base 1', first: /^20/ });
  t.match(head.name, 'head 1');
  t.equal(routes.length, 5);
  const users = routes.find(({ service }) => service === 'users');
  t.match(users, {
    route: 'GET /api/users',
    judged: true,
    base: { requests: 300, errors: 0, trace_id: /^[0-9a-f]{32}$/ },
    calls: [{ to: 'sqlite', operation: 'SELECT users', base: 1, head: 1 }],
    durations: [{ quantile: 0.5 }, { quantile: 0.95 }],
  });
  const few = await compare({ requests: 20 });
  t.ok(few.routes.filter(({ service }) => service === 'api').every(({ judged }) => !judged));
  t.same(changesOf(few), []);
});
