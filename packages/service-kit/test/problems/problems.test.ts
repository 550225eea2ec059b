import t from 'tap';
import { problemOf } from '../../src/problems/answer-error.ts';
import { Problem, problems } from '../../src/problems/problems.ts';

t.test('every entry of the catalogue makes a problem with its own key as code', (t) => {
  for (const [code, make] of Object.entries(problems)) {
    const problem = make();
    t.equal(problem.code, code);
    t.ok(problem.statusCode >= 400 && problem.title.length > 0, code);
  }
  t.end();
});

t.test('headers of the catalogue and of the occurrence come together', (t) => {
  const problem = problems.UNDER_PRESSURE({ headers: { 'x-why': 'test' } });
  t.same(problem.headers, { 'retry-after': '1', 'x-why': 'test' });
  t.end();
});

t.test('an unforeseen error becomes 500 without its message', (t) => {
  const problem = problemOf(new Error('password is hunter2'));
  t.equal(problem.code, 'INTERNAL');
  t.notMatch(problem.message, /hunter2/);
  t.equal(problemOf('a string').statusCode, 500);
  t.end();
});

t.test('a database that is away is 503, a fault in a statement 500', (t) => {
  const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect' });
  t.equal(problemOf(refused).code, 'DATABASE_UNAVAILABLE');
  t.equal(problemOf(Object.assign(new Error('busy'), { errcode: 5 })).code, 'DATABASE_UNAVAILABLE');
  t.equal(
    problemOf(Object.assign(new Error('syntax'), { code: '42601', severity: 'ERROR' })).statusCode,
    500,
  );
  t.end();
});

t.test('a problem passes unchanged', (t) => {
  const problem = new Problem('X', { status: 418, title: 'teapot' });
  t.equal(problemOf(problem), problem);
  t.end();
});
