import t from 'tap';
import { databaseProblem } from '../../src/problems/answer-error.ts';

const error = (message: string, more: object = {}) => Object.assign(new Error(message), more);

t.test('an error that no statement caused is a 503', async (t) => {
  const cases: [Error, string | undefined][] = [
    [error('timeout exceeded when trying to connect'), 'DATABASE_UNAVAILABLE'],
    [error('Connection terminated due to connection timeout'), 'DATABASE_UNAVAILABLE'],
    [error('Connection terminated unexpectedly'), 'DATABASE_UNAVAILABLE'],
    [error('Client has encountered a connection error and is not queryable'), 'DATABASE_UNAVAILABLE'],
    [error('Query read timeout'), 'DATABASE_UNAVAILABLE'],
    [error('connect ECONNREFUSED', { code: 'ECONNREFUSED', syscall: 'connect' }), 'DATABASE_UNAVAILABLE'],
    [error('password authentication failed', { code: '28P01', severity: 'FATAL' }), 'DATABASE_UNAVAILABLE'],
    [error('too many clients already', { code: '53300', severity: 'FATAL' }), 'DATABASE_UNAVAILABLE'],
    [
      error('the database system is starting up', { code: '57P03', severity: 'FATAL' }),
      'DATABASE_UNAVAILABLE',
    ],
    [error('database is locked', { code: 'ERR_SQLITE_ERROR', errcode: 5 }), 'DATABASE_UNAVAILABLE'],
    [error('database or disk is full', { code: 'ERR_SQLITE_ERROR', errcode: 13 }), 'DATABASE_UNAVAILABLE'],
    [error('disk I/O error', { code: 'ERR_SQLITE_ERROR', errcode: 778 }), 'DATABASE_UNAVAILABLE'],
    [error('UNIQUE …', { code: 'ERR_SQLITE_ERROR', errcode: 2067 }), undefined],
    [error('duplicate key', { code: '23505', severity: 'ERROR' }), undefined],
    [error('a mistake of ours'), undefined],
  ];
  for (const [thrown, code] of cases) {
    const problem = databaseProblem(thrown);
    t.equal(problem?.code, code, thrown.message);
    if (problem === undefined) continue;
    t.equal(problem.cause, thrown, 'for the log');
    t.match(problem.detail, /Try again in 5 s\..* log/);
  }
});
