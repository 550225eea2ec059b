import t from 'tap';
import { hrefOf, parsePlace } from '../../../../src/page/shell/place.ts';
import {
  isNarrowed,
  logsPlace,
  logsQuery,
  readLogsState,
} from '../../../../src/page/views/logs/logs-place.ts';

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
