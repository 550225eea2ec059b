import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { serve } from '../../../../../telemetry/test/serve.ts';
import { runsIn } from '../../../core/command/run-command.ts';

const work = t.testdir({ 'package.json': '{}', file: '' });
const { start } = runsIn(work);
const PRINT = ['--', process.execPath, '-e', 'console.log("begun")'];

t.test('a place that cannot be written to is refused before the command begins', async (t) => {
  for (const place of ['none/run.gz', 'file/run.gz', work]) {
    const { said, ended } = start(t, PRINT, ['--save', place]);
    t.equal(await ended, 1, place);
    t.equal(said.out, '');
    t.match(said.err, / cannot be written: /);
  }
});

t.test('a TMPDIR that cannot be written to is named', async (t) => {
  for (const folder of ['none', 'file']) {
    const { said, ended } = start(t, PRINT, [], { TMPDIR: join(work, folder) });
    t.equal(await ended, 1);
    t.match(said.err, /TMPDIR/);
  }
});

t.test('a signal ends run while it writes the file, and leaves no part of it', async (t) => {
  const here = t.testdir({});
  const explorer = createServer((request, response) => {
    // An explorer that never answers what the file is made of.
    if (request.url !== '/api/status') return;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ max_bytes: 1, otlp_endpoint: 'http://localhost:9' }));
  });
  const port = String(await serve(t, explorer));
  const { pid } = spawnSync('true');
  writeFileSync(join(here, `run.gz.${pid}.part`), 'of a run that was killed');
  const { child, said, ended } = start(t, PRINT, ['--port', port, '--save', join(here, 'run.gz')]);
  await until(() => readdirSync(here).includes(`run.gz.${child.pid}.part`), { what: () => said.err });
  t.strictSame(readdirSync(here), [`run.gz.${child.pid}.part`], 'the part of a killed run is gone');
  child.kill('SIGTERM');
  t.equal(await ended, 128 + 15, said.err);
  t.strictSame(readdirSync(here), []);
});
