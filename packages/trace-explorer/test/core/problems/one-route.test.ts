import t from 'tap';
import { acceptedOf } from '../../../src/core/problems/file/accepted-of.ts';
import { saidOf } from '../../../src/core/problems/said.ts';
import type { Cause, Sighting } from '../../../src/core/problems/schemas.ts';
import { whatIsWrong } from '../../../src/parts/causes/tools/causes.ts';
import type { VerdictProblem } from '../../../src/parts/report/server/verdict/schemas.ts';
import { at, temporaryExplorer } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { randomId, storeSpans } from '../../spans.ts';

let clock = 0;

interface Parts {
  readonly name?: string;
  readonly method?: string;
  readonly line?: number;
  readonly run?: string;
  readonly hasFailed?: boolean;
}

/** A request, which fails at a line of the app; of a server that names no routes, unless it has a name. */
function request(
  path: string,
  { method = 'GET', name = method, line = 3, run = 'now', hasFailed = true }: Parts = {},
): PlainSpan {
  clock += 1000;
  const code = line > 0 && { 'code.file.path': 'src/users.js', 'code.line.number': line };
  const exception = {
    'exception.type': 'TypeError',
    'exception.message': "no 'name'",
    ...(line > 0 && {
      'exception.stacktrace': `TypeError: no 'name'\n    at find (/app/src/users.js:${line}:18)`,
    }),
  };
  return {
    ...{ traceId: randomId(16), spanId: randomId(8), service: 'shop', resource: { 'tandem.run.id': run } },
    ...{ name, kind: 2, start: at(clock), durationMs: 5 },
    attributes: {
      ...{ 'url.path': path, 'http.request.method': method, ...code },
      ...{ 'http.response.status_code': hasFailed ? 500 : 200 },
      ...(code && { 'code.function.name': 'find' }),
    },
    ...(hasFailed && { status: 2 as const, events: [{ name: 'exception', attributes: exception }] }),
  };
}

/** What each road says of some requests. */
async function told(spans: readonly PlainSpan[], query = 'run=now', about = {}) {
  const { store, get } = await temporaryExplorer(t);
  await storeSpans(store, spans);
  const ask = async (path: string) => (await get(path)).body;
  const verdict = await ask(`/api/verdict?${query}&sightings=true`);
  const ending: readonly VerdictProblem[] = verdict.causes;
  const { causes: reported } = await ask('/api/report?run=now');
  const { causes }: { causes: Cause[] } = await ask('/api/causes');
  const agents = await whatIsWrong.run({ run: 'now', ...about }, { ask, page: 'http://explorer' } as never);
  const sentences = (all: unknown) => (all as readonly VerdictProblem[]).map(({ sentence }) => sentence);
  return {
    ending,
    said: sentences(ending),
    report: sentences(reported),
    overview: causes.map((cause) => saidOf(cause)),
    agents: sentences(agents.causes),
    ids: { ending: ending.map(({ id }) => id), overview: causes.map(({ id }) => id) },
    gone: verdict.gone as readonly string[],
  };
}

const FAILS = "fails: TypeError: no 'name'";
const paths = (...names: readonly string[]) => names.map((name) => request(`/users/${name}`));

t.test('paths that differ in one part and fail on one line are one problem on all roads', async (t) => {
  const fine = request('/users/erin', { hasFailed: false });
  const { ending, said, report, overview, agents, ids } = await told([
    ...paths('ann', 'bob', 'cy', '7'),
    fine,
  ]);
  t.strictSame(said, [`GET /users/:id ${FAILS}`]);
  t.strictSame(agents, said);
  t.strictSame(report, [`GET /users/:id of shop ${FAILS}`]);
  t.strictSame(overview, report);
  t.match(ending, [{ route: 'GET /users/:id', seen: 4, of: 5, file: 'src/users.js', line: 3 }]);
  t.strictSame(ids.ending, ids.overview);
  for (const route of ['GET /users/:id', 'GET /users/ann'])
    t.strictSame((await told(paths('ann', 'bob'), 'run=now', { route })).agents, said, `asked for ${route}`);
  const turned = await told(paths('zoe', 'ann'));
  t.strictSame(turned.ids, ids, 'whichever paths were seen, and whichever came first');
});

t.test('what may be two problems stays two', async (t) => {
  const routes = async (...spans: readonly PlainSpan[]) =>
    (await told(spans)).said.map((sentence) => sentence.replace(` ${FAILS}`, '')).sort();
  const two = ['GET /users/ann', 'GET /users/bob'];
  const [ann] = paths('ann');
  if (ann === undefined) throw new RangeError('no request');
  t.strictSame(await routes(ann, request('/users/bob', { line: 9 })), two, 'another line');
  t.strictSame(await routes(...two.map((name) => request(name.slice(4), { line: 0 }))), two, 'no line');
  t.strictSame(
    await routes(ann, request('/users/bob', { method: 'POST' })),
    ['GET /users/ann', 'POST /users/bob'],
    'another method',
  );
  t.strictSame(
    await routes(...two.map((name) => request(name.slice(4), { name }))),
    two,
    'routes of a framework',
  );
  const others = [
    ['/users/ann/cart', '/users/bob/orders', 'two parts'],
    ['/users/ann', '/users/bob/cart', 'as many parts'],
    ['/ann', '/bob', 'nothing in common'],
    ['/v1/users', '/v2/users', 'versions'],
    ['/users/', '/users/ann', 'a list and its member'],
  ] as const;
  for (const [one, other, why] of others)
    t.strictSame(await routes(request(one), request(other)), [`GET ${one}`, `GET ${other}`].sort(), why);
});

t.test('of paths that may be two routes, the last part that differs is the id', async (t) => {
  const all = ['/users/ann', '/orders/ann', '/orders/bob', '/users/bob'].map((path) =>
    request(`/api${path}`),
  );
  for (const spans of [all, all.toReversed()]) {
    const { said } = await told(spans);
    t.strictSame([...said].sort(), [`GET /api/orders/:id ${FAILS}`, `GET /api/users/:id ${FAILS}`]);
  }
});

t.test('what a project has accepted of one path counts for it alone', async (t) => {
  const { ending } = await told(paths('ann', 'bob'));
  const sightings: readonly Sighting[] = ending.flatMap((problem) => problem.sightings ?? []);
  t.strictSame(sightings.map(({ route }) => route).sort(), ['GET /users/ann', 'GET /users/bob']);
  const entryOf = ({ rule, service, route, operation, type = '', message = '', file = '' }: Sighting) => ({
    ...{ rule, service, route, operation, type, message, file },
    ...{ by: 'team', why: 'known', since: '2026-01-01' },
  });
  const entries = sightings.map(entryOf);
  const known = (count: number) =>
    acceptedOf('tandem-known.json', entries.slice(0, count), '2026-01-02').judge(sightings, '');
  t.match(known(2), { known: { by: 'team' } });
  t.match(known(1), { isPart: true, unknown: { route: sightings[1]?.route } });
});

t.test('another path of a problem is neither new nor gone', async (t) => {
  const spans = (run: string, failing: string, line = 3) =>
    ['ann', 'bob'].flatMap((name) =>
      [1, 2, 3].map(() => request(`/users/${name}`, { run, line, hasFailed: failing.includes(name) })),
    );
  const news = async (last: string, now: string, line = 3) => {
    const { ending, gone } = await told(
      [...spans('last', last), ...spans('now', now, line)],
      'run=now&last=last',
    );
    return { isNew: ending.map((problem) => problem.new ?? false), gone: gone.length };
  };
  t.same(await news('ann', 'ann bob'), { isNew: [false], gone: 0 });
  t.same(await news('ann', 'bob'), { isNew: [false], gone: 0 });
  t.same(await news('ann', 'bob', 5), { isNew: [false], gone: 0 }, 'also where the function has moved');
  t.same(await news('', 'ann bob'), { isNew: [true], gone: 0 });
  t.same(await news('ann bob', ''), { isNew: [], gone: 1 });
});

t.test('the line about what is gone has the path', async (t) => {
  const spans = (run: string, names: readonly string[], hasFailed: boolean) =>
    names.flatMap((name) => [1, 2, 3].map(() => request(`/users/${name}`, { run, hasFailed })));
  const goneOf = async (...names: readonly string[]) =>
    (await told([...spans('last', names, true), ...spans('now', names, false)], 'run=now&last=last')).gone;
  t.strictSame(await goneOf('ann'), ['GET /users/ann fails: TypeError: no …']);
  t.strictSame(await goneOf('ann', 'bob'), ['GET /users/:id fails: TypeError: no …']);
});
