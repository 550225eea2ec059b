import t from 'tap';
import { isDatabaseUnavailable, withCode } from '../../src/database/unavailable.ts';

const error = (message: string, more: object = {}) => Object.assign(new Error(message), more);

t.test('what a driver leaves unsaid gets a code, and still means what it meant', async (t) => {
  const cases: [Error, string, boolean][] = [
    [error('Connection terminated unexpectedly'), 'ECONNRESET', true],
    [error('Client has encountered a connection error and is not queryable'), 'ECONNRESET', true],
    [error('Query read timeout'), 'ETIMEDOUT', true],
    [error('database or disk is full', { code: 'ERR_SQLITE_ERROR', errcode: 13 }), 'SQLITE_FULL', true],
    [error('disk I/O error', { code: 'ERR_SQLITE_ERROR', errcode: 778 }), 'SQLITE_IOERR', true],
    [error('UNIQUE …', { code: 'ERR_SQLITE_ERROR', errcode: 2067 }), 'SQLITE_CONSTRAINT', false],
  ];
  for (const [thrown, code, isUnavailable] of cases) {
    t.equal(withCode(thrown), thrown);
    t.match(thrown, { code });
    t.equal(isDatabaseUnavailable(thrown), isUnavailable, code);
  }
});

t.test('what has a code keeps it, and what nobody knows gets none', async (t) => {
  const refused = error('connect ECONNREFUSED', { code: 'ECONNREFUSED', syscall: 'connect' });
  t.match(withCode(refused), { code: 'ECONNREFUSED' });
  t.match(withCode(error('duplicate key', { code: '23505', severity: 'ERROR' })), { code: '23505' });
  t.notOk('code' in (withCode(error('a mistake of ours')) as Error));
  t.equal(withCode('thrown'), 'thrown');
});
