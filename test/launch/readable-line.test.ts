import { stripVTControlCharacters } from 'node:util';
import t from 'tap';
import { readableLine } from '../../scripts/lib/processes/readable-line.ts';

const LINE = {
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

/** The line without colours and without the hours of the machine's own zone. */
const shown = (line: object) =>
  stripVTControlCharacters(readableLine(JSON.stringify(line))).replace(/\d\d:31/, 'hh:31');

t.test('a line of a service is one line for people: time, level, message, fields', async (t) => {
  t.equal(
    shown(LINE),
    '[hh:31:54.567] WARN: slow {"trace_id":"0af7651916cd43dd8448eb211c80319c","status":503,"nested":{"a":[1]}}',
  );
  t.equal(shown({ level: 'info', time: LINE.time, msg: 'ready' }), '[hh:31:54.567] INFO: ready');
});

t.test('an error has its stack below the line, and what else it carries in it', async (t) => {
  const err = { type: 'Error', message: 'a', stack: 'Error: a\n    at run (a.ts:1:2)', code: 'EPIPE' };
  t.equal(
    shown({ ...LINE, level: 'error', trace_id: undefined, nested: undefined, err }),
    '[hh:31:54.567] ERROR: slow {"status":503,"err":{"code":"EPIPE"}}\nError: a\n    at run (a.ts:1:2)',
  );
  t.match(shown({ ...LINE, err: { type: 'Object', message: 'no stack' } }), '"err":{"type":"Object"');
});

t.test('a terminal shows level and message in colours', async (t) => {
  const { FORCE_COLOR } = process.env;
  t.teardown(() => {
    if (FORCE_COLOR === undefined) delete process.env.FORCE_COLOR;
    else process.env.FORCE_COLOR = FORCE_COLOR;
  });
  process.env.FORCE_COLOR = '1';
  t.match(readableLine(JSON.stringify(LINE)), '\x1b[33mWARN\x1b[39m: \x1b[36mslow\x1b[39m');
  process.env.FORCE_COLOR = '0';
  t.notMatch(readableLine(JSON.stringify(LINE)), '\x1b[');
});

t.test('a line of another program stays as it is', async (t) => {
  for (const line of ['', 'Error: port in use', '    at run (a.ts:1:2)', '{ oops', '[1]', '{"level":30}'])
    t.equal(readableLine(line), line);
});
