import t from 'tap';
import { notesOf } from '../../../../../src/parts/run/command/ending/notes.ts';
import type { Seen } from '../../../../../src/parts/run/command/watch.ts';

const lost = (pid: number, name: string, items: number, reason = 'queue_full'): Seen => ({
  pid,
  file: '/app/seed.js',
  use: 'lost',
  name,
  reason: `${items} ${reason}`,
});

t.test('what a process lost is one number, and two processes are two', async (t) => {
  const lines = notesOf([lost(1, 'span', 2048), lost(1, 'span', 2048), lost(2, 'span', 5)], {}, undefined);
  t.equal(lines.length, 2);
  t.match(lines[0], /seed\.js lost 4,096 spans: .*OTEL_BSP_MAX_QUEUE_SIZE/);
  t.match(lines[1], /lost 5 spans/);
});

t.test('only a full memory names its setting', async (t) => {
  const [line] = notesOf([lost(1, 'log record', 1, 'rejected')], {}, undefined);
  t.match(line, /lost 1 log record\.$/);
});

t.test('requests that an app made itself, and that nothing shows, are told of once', async (t) => {
  const seen: Seen = { pid: 1, file: '/app/handler.js', use: 'unseen-request' };
  t.match(notesOf([seen, { ...seen, pid: 2 }], {}, undefined), [
    /^handler\.js answered requests that it made itself/,
  ]);
});
