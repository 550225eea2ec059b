import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import type { LogEntry } from '../../../../src/core/logs/schemas.ts';
import { isNarrowed, logsPlace, logsQuery, readLogsState } from '../../../../src/core/places/logs-place.ts';
import { hrefOf, parsePlace } from '../../../../src/core/places/place.ts';
import { registerViews } from '../../../../src/core/places/views.ts';
import { LogPages, MOST_LINES } from '../../../../src/parts/logs/page/log-pages.ts';
import { nodeParts } from '../../../../src/parts.node.ts';

t.teardown(registerViews(nodeParts));

/** An explorer with so many lines; counts how often each page was read. */
function linesOf(count: number) {
  const reads: string[] = [];
  const state = { changes: 0, broken: false };
  const pages = new LogPages(async (cursor = '0', limit) => {
    reads.push(cursor);
    if (state.broken) throw new Error('The explorer does not answer.');
    const from = Number(cursor);
    const to = Math.min(count, from + limit);
    const logs = Array.from({ length: to - from }, (_, i) => ({ id: String(from + i) }) as LogEntry);
    return { logs, ...(to < count && { next: String(to) }) };
  });
  pages.onChange = () => {
    state.changes += 1;
  };
  return { pages, reads, state };
}

async function readAll(pages: LogPages) {
  for (let i = 0; i < 200 && pages.hasMore; i++) await pages.more();
}

t.test('pages are read one after the other, none twice, until the end', async (t) => {
  const { pages, reads, state } = linesOf(1200);
  await pages.more();
  t.equal(pages.lines.length, 100, 'at first as many as a screen shows');
  await Promise.all([pages.more(), pages.more()]);
  await readAll(pages);
  await pages.more();
  t.same(reads, ['0', '100', '600', '1100']);
  t.equal(state.changes, 4);
  t.same(
    pages.lines.map(({ id }) => id),
    Array.from({ length: 1200 }, (_, i) => String(i)),
  );
});

t.test('a list ends at the most lines that it keeps', async (t) => {
  const { pages } = linesOf(MOST_LINES + 2000);
  await readAll(pages);
  t.ok(pages.lines.length >= MOST_LINES && pages.lines.length < MOST_LINES + 500);
});

t.test('a page that could not be read is said, and read when asked to', async (t) => {
  const { pages, state } = linesOf(100);
  state.broken = true;
  await pages.more();
  t.match(pages.error?.message, 'does not answer');
  state.broken = false;
  await pages.more();
  t.equal(pages.lines.length, 0, 'not before somebody asks');
  pages.retry();
  await until(() => pages.lines.length === 100);
  t.equal(pages.error, undefined);
});

t.test('the URL says all that the Logs view shows', (t) => {
  const state = {
    service: 'a & b',
    level: 'warn' as const,
    text: '100 % = x',
    fields: ['user.id=ada, b', 'n=1'],
    last: undefined,
    start: 1_790_000_000.5,
    end: 1_790_000_100,
    tail: false,
    open: '17',
  };
  const place = parsePlace(new URL(hrefOf(logsPlace(state)) ?? '', 'http://localhost'));
  t.same(readLogsState(place ?? { params: {} }), state);
  const nothing = readLogsState({ params: {} });
  t.same(logsPlace(nothing).params, {});
  t.notOk(isNarrowed(nothing));
  t.ok(isNarrowed(state));
  const nonsense = { level: 'loud', where: ',', last: '-1', start: 'now', mode: 'x', open: '../' };
  t.same(readLogsState({ params: nonsense }), nothing);
  t.same(readLogsState({ params: { where: 'n%3D1,user.id' } }).fields, ['n=1', 'user.id'], 'with any value');
  t.same(readLogsState({ params: { field: 'a=b', where: 'n' } }).fields, ['n', 'a=b'], 'as the API has it');
  t.end();
});

t.test('the request has the filters and times of the view; a tail has no times', (t) => {
  const state = readLogsState({
    params: { level: 'error', q: ' refused ', where: 'a%3D1,b%3D2', last: '600' },
  });
  t.equal(
    logsQuery(state, 1_790_000_600_000).toString(),
    'level=error&text=refused&field=a%3D1&field=b%3D2&start_time=1790000000',
  );
  t.equal(logsQuery({ ...state, tail: true }).toString(), 'level=error&text=refused&field=a%3D1&field=b%3D2');
  t.end();
});
