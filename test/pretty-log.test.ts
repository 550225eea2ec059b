import t from 'tap';
import { prettyLine } from '../scripts/lib/dev/pretty-log.ts';
import { readableLine } from '../scripts/lib/processes/readable-line.ts';

t.test('a line of a service is one line for people: time, level, message, fields', async (t) => {
  const line = {
    level: 'warn',
    time: '2026-11-21T10:31:54.567Z',
    pid: 7,
    hostname: 'h',
    'service.name': 'activities-api',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    trace_flags: '01',
    status: 503,
    nested: { a: [1] },
    msg: 'slow',
  };
  t.equal(
    prettyLine(JSON.stringify(line)).replace(/\d\d:31/, 'hh:31'),
    '[hh:31:54.567] WARN: slow {"trace_id":"0af7651916cd43dd8448eb211c80319c","status":503,"nested":{"a":[1]}}',
  );
});

t.test("a copied pair's dev shows a line for people, too", async (t) => {
  const line = {
    level: 'error',
    time: '2026-11-21T10:31:54.567Z',
    pid: 7,
    status: 503,
    msg: 'slow',
    err: { stack: 'Error: a' },
  };
  t.match(readableLine(JSON.stringify(line)), /^\[\d\d:31:54\] ERROR: slow {"status":503}\nError: a$/);
});

t.test('a line of another program stays as it is', async (t) => {
  for (const line of ['', 'Error: port in use', '    at run (a.ts:1:2)', '{ oops', '[1]']) {
    t.equal(prettyLine(line), line);
    t.equal(readableLine(line), line);
  }
});
