import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import type { LogEntry } from '../../../../src/logs/read-logs.ts';
import { LogPager } from '../../../../src/page/views/logs/log-pager.ts';
import { isNarrowed, logsPlace, logsQuery, readLogsState } from '../../../../src/places/logs-place.ts';
import { hrefOf, parsePlace } from '../../../../src/places/place.ts';

/** An explorer with so many lines; counts how often each page was read. */
function linesOf(count: number) {
  const reads: string[] = [];
  const state = { changes: 0, broken: false };
  const pager = new LogPager(async (cursor = '0', limit) => {
    reads.push(cursor);
    if (state.broken) throw new Error('The explorer does not answer.');
    const from = Number(cursor);
    const to = Math.min(count, from + limit);
    const logs = Array.from({ length: to - from }, (_, i) => ({ id: String(from + i) }) as LogEntry);
    return { logs, ...(to < count && { next: String(to) }) };
  });
  pager.onChange = () => {
    state.changes += 1;
  };
  /** Scrolls to a place and waits for its line. */
  const show = async (index: number) => {
    await until(
      () => {
        pager.need(index, index + 30);
        return pager.at(index);
      },
      { what: `line ${index}` },
    );
    t.equal(pager.at(index)?.id, String(index));
  };
  return { pager, reads, state, show };
}

t.test('pages are read ahead of what is in sight, each once', async (t) => {
  const { pager, reads, show } = linesOf(3200);
  await show(0);
  t.same(reads.slice(0, 2), ['0', '100'], 'at first as many as a screen shows');
  await show(400);
  for (let at = 500; at < 3200; at += 400) await show(at);
  await show(3199);
  t.equal(pager.count, 3200);
  t.notOk(pager.hasMore);
  t.equal(new Set(reads).size, reads.length, 'none twice');
  t.equal(pager.indexOf('99'), 99);
  t.equal(pager.indexOf('2600'), 2600);
  t.equal(pager.indexOf('none'), -1);
});

t.test('what is far away is forgotten and read again where it began', async (t) => {
  const { pager, reads, show } = linesOf(30_000);
  for (let at = 0; at < 30_000; at += 450) await show(at);
  const atEnd = () => {
    pager.need(29_900, 29_999);
    return pager.hasMore ? undefined : true;
  };
  await until(atEnd, { what: 'the end' });
  t.equal(pager.count, 30_000);
  t.equal(pager.at(0), undefined, 'the first lines were dropped');
  const before = reads.length;
  await show(0);
  await show(600);
  t.same(reads.slice(before, before + 2), ['0', '600']);
  const inMemory = Array.from({ length: 60 }, (_, page) => pager.at(page * 500 + 99)).filter(Boolean).length;
  t.ok(inMemory <= 41, `${inMemory} pages in memory`);
});

t.test('a page that could not be read is said, and read when asked to', async (t) => {
  const { pager, state, show } = linesOf(100);
  state.broken = true;
  pager.need(0, 30);
  await until(() => pager.error, { what: 'the error' });
  t.match(pager.error?.message, 'does not answer');
  state.broken = false;
  pager.need(0, 30);
  t.equal(pager.at(0), undefined, 'not before somebody asks');
  pager.retry();
  await show(0);
  t.equal(pager.error, undefined);
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
  const place = parsePlace(new URL(hrefOf(logsPlace(state)), 'http://localhost'));
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

t.test('the explorer is asked for what is shown; a tail for what comes, whenever', (t) => {
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
