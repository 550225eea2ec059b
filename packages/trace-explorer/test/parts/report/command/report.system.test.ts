import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import type { Run } from '../../../../src/core/runs/schemas.ts';
import type { RunReport } from '../../../../src/parts/report/server/schemas.ts';
import { assertPlanted, command, plantedRuns, SHOP } from '../../../core/command/planted.ts';
import { runCli } from '../../../core/command/run-cli.ts';
import { runsIn } from '../../../core/command/run-command.ts';
import { sharedFiles } from '../../../core/command/shared-files.ts';

// Each command is a process, some with an explorer of its own.
t.setTimeout(600_000);
const work = t.testdir({ 'package.json': '{}' });
let [base, head] = ['', ''];

const withFiles = sharedFiles(t);

/** Runs a command in this process: a process each takes longer than most of the commands. Reports share an explorer for files. */
async function ask([name = '', ...args]: readonly string[]) {
  const { code, out, error } = await runCli(name, args, undefined, name === 'report' ? { withFiles } : {});
  return { code, out, err: error };
}

t.test('both runs are kept', async (t) => {
  [base, head] = await plantedRuns(t, work, 'planted');
});

t.test('each of ten planted changes is said, and nothing of two that do nothing', async (t) => {
  const { out, err, code } = await ask(['report', head, '--base', base, '--json']);
  t.equal(code, 0, err);
  const report: RunReport = JSON.parse(out);
  assertPlanted(t, report);
  t.match(report, { tests: 12, failed: 1, with_requests: 12, failing: [{ message: /timed out/ }] });
});

t.test('Markdown, also in the summary of a job, and an exit code where it is asked for', async (t) => {
  const summary = join(work, 'summary.md');
  const args = ['report', head, '--base', base, '--fail-on', 'new-causes,slower'];
  const { out, code, err } = await command(t, work, args, { GITHUB_STEP_SUMMARY: summary });
  t.equal(code, 1, err);
  t.match(
    out,
    /[3-6] new problems, 0 gone; 4 routes call more; (?:3 slower|times were not compared[^;]*); 12 tests, 1 failed; 12 made requests\./,
  );
  t.match(out, /<details>[\s\S]*```mermaid\nsequenceDiagram/);
  t.equal(readFileSync(summary, 'utf8').trim(), out.trim());
  t.ok(out.split('\n').length <= 70, `${out.split('\n').length} lines`);
  const alone = await ask(['report', base]);
  t.match(alone.out, /\d+ problems?; 12 tests, 0 failed/);
});

t.test('compare, check and verify take the files', async (t) => {
  const compared = await ask(['compare', base, head, '--json']);
  t.match(JSON.parse(compared.out), { base: { tests: 12, failed: 0 }, head: { tests: 12, failed: 1 } });
  const verified = await ask(['verify', '--run', head, '--format', 'json']);
  t.ok(JSON.parse(verified.out).services.length > 0, verified.err);
  const trigger = join(work, 'trigger.json');
  const query = { calculations: [{ op: 'COUNT' }], time_range: 900 };
  writeFileSync(
    trigger,
    JSON.stringify({ name: 'spans', query, threshold: { op: '>', value: 0 }, frequency: 900 }),
  );
  const checked = await ask(['check', trigger, '--run', head]);
  t.equal(checked.code, 1, checked.err);
  t.match((await ask(['check', trigger, '--run', trigger])).err, /--run takes a file of run/);
});

t.test('values of a named attribute are not kept', async (t) => {
  const file = join(work, 'redacted.gz');
  const args = ['--save', file, '--redact', 'db.query.text', '--', process.execPath, '--test', SHOP];
  const { ended, said } = runsIn(work).start(t, args, [], { OTEL_TRACES_EXPORTER: 'otlp' });
  t.equal(await ended, 0, said.err);
  const text = gunzipSync(readFileSync(file)).toString();
  t.match(text, /"db\.query\.text","value":\{"stringValue":"REDACTED"\}/);
  t.notMatch(text, 'SELECT * FROM roles');
});

t.test('a run beside itself changes nothing', async (t) => {
  const { out } = await ask(['report', base, '--base', base, '--json']);
  const { changes }: RunReport = JSON.parse(out);
  t.same(changes, []);
});

t.test('the file is OTLP, import takes it, and other files are refused', async (t) => {
  const lines = gunzipSync(readFileSync(head)).toString().trim().split('\n');
  t.ok(lines.every((line) => 'resourceSpans' in JSON.parse(line)));
  for (const fact of ['process.exit.code","value":{"intValue":"1"', 'run.traces","value":{"intValue":"13"'])
    t.ok(lines[0]?.includes(fact), fact);
  const { port } = await runsIn(work).startExplorer(t);
  const imported = await ask(['import', '--url', `http://localhost:${port}`, head]);
  t.match(imported.out, /planted-true\.gz: \d+ spans/);
  const { runs } = (await (await fetch(`http://localhost:${port}/api/runs`)).json()) as { runs: Run[] };
  const stored = await ask(['report', runs[0]?.id ?? '', '--url', `http://localhost:${port}`]);
  t.match(stored.out, /12 tests, 1 failed/);
  const other = join(work, 'other.gz');
  writeFileSync(other, gzipSync('{"resourceSpans":[]}\n'));
  const refused = await ask(['report', other]);
  t.equal(refused.code, 2);
  t.match(refused.err, /other\.gz is not a run/);
  const mixed = await ask(['report', head, '--base', 'main']);
  t.match(mixed.err, /main is not a file of run --save/);
  const wrong = await ask(['report', head, '--fail-on', 'rain']);
  t.match(wrong.err, /--fail-on takes new-causes, more-calls/);
});

t.test('without a run, the report is of the last run of its folder', async (t) => {
  const { start, startExplorer } = runsIn(work);
  const { port, beside } = await startExplorer(t);
  const env = { OTEL_TRACES_EXPORTER: 'otlp', XDG_DATA_HOME: join(work, 'home') };
  const folder = (name: string) => join(work, `folder-${name}`);
  for (const name of ['a', 'b', 'without']) mkdirSync(folder(name));
  for (const name of ['a', 'b']) {
    writeFileSync(
      join(folder(name), 'one.test.mjs'),
      `import { test } from 'node:test'; test('of ${name}', () => {});`,
    );
    const test = ['--name', `run-${name}`, ...beside, '--', process.execPath, '--test'];
    const { ended, said } = start(t, test, [], env, folder(name));
    t.equal(await ended, 0, said.err);
  }
  const report = (name: string, ...more: readonly string[]) =>
    command(t, folder(name), ['report', '--url', `http://localhost:${port}`, ...more], env);
  for (const name of ['a', 'b']) t.match((await report(name)).out, `one.test.mjs › of ${name}`);
  const { runs } = (await (await fetch(`http://localhost:${port}/api/runs`)).json()) as { runs: Run[] };
  const own = runs.find(({ name }) => name === 'run-a')?.id ?? '';
  t.match((await report('a', '--base', own)).err, 'is the last run of this folder');
  const { code, err } = await report('without');
  t.equal(code, 2);
  t.match(err, /^No run began in this folder\. Begin one: /);
});

t.test('a run keeps no secret of its command, and a run without traces says so', async (t) => {
  const { start } = runsIn(work);
  const file = join(work, 'none.gz');
  const secrets = ['--', '--token=tandem-1', '--password', 'tandem-2', 'https://me:tandem-3@host.example/x'];
  const script = 'process.exit(3)';
  const { ended, said } = start(t, ['--save', file, '--', process.execPath, '-e', script, ...secrets], [], {
    OTEL_TRACES_EXPORTER: 'otlp',
  });
  t.equal(await ended, 3);
  t.match(said.err, /none\.gz: 0 traces/);
  const text = gunzipSync(readFileSync(file)).toString();
  t.notMatch(text, /tandem-\d/);
  t.match(text, /--token=REDACTED --password REDACTED https:\/\/REDACTED@host/);
  const { err } = await ask(['report', file]);
  t.match(err, /the run has no traces/);
});
