import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const MAIN = fileURLToPath(import.meta.resolve('../../src/command/main.ts'));

const folder = mkdtempSync(join(tmpdir(), 'trace-explorer-files-'));
t.teardown(() => rmSync(folder, { recursive: true }));

/** Runs the command on a data folder that no explorer has open. */
function start(...args: readonly string[]) {
  const child = spawn(process.execPath, [MAIN, ...args, '--data-dir', join(folder, 'data')], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, ended, said: text(child.stderr) };
}

t.test('import says of a file with nothing of OTLP in it that it is none', async (t) => {
  const file = join(folder, 'jaeger.json');
  writeFileSync(file, '{"data":[{"traceID":"0af7651916cd43dd8448eb211c80319c"}]}');
  const { ended, said, child } = start('import', file);
  child.stdout.resume();
  t.equal(await ended, 1);
  t.match(await said, /jaeger\.json: no spans or log records are in it\. OTLP JSON has resourceSpans/);
});

t.test('export of many traces writes them all, and says nothing but how many', async (t) => {
  const file = join(folder, 'many.json');
  const spans = Array.from({ length: 30 }, (_, index) => ({
    traceId: (index + 100).toString(16).padStart(32, '0'),
    spanId: '00f067aa0ba902b7',
    name: 'GET /',
    startTimeUnixNano: `${Date.now()}000000`,
    endTimeUnixNano: `${Date.now()}000001`,
  }));
  writeFileSync(file, JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  const importing = start('import', file);
  importing.child.stdout.resume();
  t.equal(await importing.ended, 0, await importing.said);

  const out = join(folder, 'many.jsonl');
  const exporting = start('export', '--out', out);
  t.equal(await text(exporting.child.stdout), `${out}: 30 traces\n`);
  t.equal(await exporting.ended, 0);
  t.equal(await exporting.said, '');
  t.equal(readFileSync(out, 'utf8').trim().split('\n').length, 30);
});

t.test('a file that cannot be written to the end is named', async (t) => {
  const { ended, said, child } = start('export', '--out', '/dev/full');
  child.stdout.resume();
  t.equal(await ended, 1);
  t.equal(await said, '/dev/full cannot be written: the disk is full.\n');
});

t.test('export ends in silence when its reader has seen enough', async (t) => {
  const file = join(folder, 'traces.json');
  const spans = Array.from({ length: 8 }, (_, index) => ({
    traceId: (index + 1).toString(16).padStart(32, '0'),
    spanId: '00f067aa0ba902b7',
    name: 'x'.repeat(100_000), // more than a pipe holds
    startTimeUnixNano: `${Date.now()}000000`,
    endTimeUnixNano: `${Date.now()}000001`,
  }));
  writeFileSync(file, JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }));
  const importing = start('import', file);
  importing.child.stdout.resume();
  t.equal(await importing.ended, 0, await importing.said);

  const { child, ended, said } = start('export');
  child.stdout.once('data', () => child.stdout.destroy());
  t.equal(await ended, 0);
  t.equal(await said, '');
});
