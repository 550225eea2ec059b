import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { freePort } from '../../../../../../test/helpers/processes.ts';
import { until } from '../../../../../../test/helpers/until.ts';
import {
  AUTH_ANSWER,
  CLASSIC_KEY,
  CONFIGURATION_KEY,
  fakeHoneycomb,
  INGEST_KEY,
  sendJson,
} from '../../../../../telemetry/test/service/doctor/honeycomb/fake-honeycomb.ts';
import { appOf, REQUIRE, runsIn } from '../../../core/command/run-command.ts';

// Each command is a process, with an explorer of its own.
t.setTimeout(300_000);
const { start } = runsIn(t.testdir({ 'package.json': '{}' }));
const TRACED = { OTEL_TRACES_EXPORTER: '' };
const APP = `${appOf('const work = () => {};', REQUIRE)} console.log(process.env.HONEYCOMB_API_KEY);`;

/** Honeycomb with one key that may send, and what was sent to it. */
async function honeycombOf(t: Test) {
  const honeycomb = await fakeHoneycomb((request, response) => {
    const isKnown = request.headers['x-honeycomb-team'] === INGEST_KEY;
    if (request.url !== '/1/auth') response.writeHead(200).end();
    else if (isKnown) sendJson(response, 200, AUTH_ANSWER);
    else sendJson(response, 401, { error: 'unknown API key' });
  });
  t.teardown(() => honeycomb.close());
  const sent = () =>
    honeycomb.requests.flatMap(({ url, headers }) =>
      url === '/v1/traces' ? [headers['x-honeycomb-team']] : [],
    );
  return { url: honeycomb.url, sent };
}

/** Runs the app in a folder with these files. */
async function run(
  t: Test,
  options: readonly string[],
  env: object,
  files: Readonly<Record<string, string>>,
) {
  const here = t.testdir({ 'package.json': '{}', 'app.cjs': APP });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(here, name), text);
  const all = ['--honeycomb', ...options];
  const { said, ended } = start(t, ['--', process.execPath, 'app.cjs'], all, { ...TRACED, ...env }, here);
  const code = await ended;
  for (const key of [INGEST_KEY, CLASSIC_KEY, CONFIGURATION_KEY]) t.notMatch(said.err, key);
  return { code, ...said };
}

t.test('the key of a file is for the explorer alone, with the region that stands beside it', async (t) => {
  const { url, sent } = await honeycombOf(t);
  const clone = `HONEYCOMB_API_KEY="${INGEST_KEY}"\nHONEYCOMB_API_ENDPOINT=${url}\nHONEYCOMB_DATASET=\n`;
  const { code, out, err } = await run(t, ['--honeycomb-env', 'clone.env'], {}, { 'clone.env': clone });
  t.equal(code, 0, err);
  t.equal(out, 'undefined\n', 'the command has no key');
  t.match(err, /\nHoneycomb: key accepted by .*: team honeycomb-docs, environment production/);
  t.ok(sent().length > 0, 'the explorer has sent on');
  t.ok(sent().every((key) => key === INGEST_KEY));
});

t.test('the key of the shell wins over that of the file', async (t) => {
  const { url, sent } = await honeycombOf(t);
  const env = { HONEYCOMB_API_KEY: INGEST_KEY, HONEYCOMB_API_ENDPOINT: url };
  const files = { '.env': `HONEYCOMB_API_KEY=${CONFIGURATION_KEY}\n` };
  const { code, out, err } = await run(t, ['--honeycomb-env', '.env'], env, files);
  t.equal(code, 0, err);
  t.equal(out, `${INGEST_KEY}\n`, "the shell's variables are the command's");
  t.ok(sent().length > 0 && sent().every((key) => key === INGEST_KEY));
});

t.test('without a key, run says what to do, and starts nothing', async (t) => {
  const line = `HONEYCOMB_API_KEY=${INGEST_KEY}\n`;
  const file = ['--honeycomb-env', 'clone.env'];
  const cases = [
    [
      [],
      {},
      {},
      /^--honeycomb needs HONEYCOMB_API_KEY: set it in the shell, or .*--honeycomb-env \.env\.\n$/,
    ],
    [
      file,
      {},
      {},
      /^--honeycomb needs HONEYCOMB_API_KEY: put it into clone\.env, or set it in the shell\.\n$/,
    ],
    [
      file,
      {},
      { '.env': line, 'clone.env': 'HONEYCOMB_API_KEY=\n' },
      /\. \.env in this folder has a HONEYCOMB_API_KEY; run doesn't read it: .* add --honeycomb-env \.env\.\n$/,
    ],
    [[], {}, { '.env': line }, /\. \.env in this folder has a HONEYCOMB_API_KEY/],
    [
      file,
      {},
      { 'clone.env': `${line}HONEYCOMB_API_KEY=\n` },
      /in line 1 of clone\.env, .*: delete line 2\.\n$/,
    ],
    [
      file,
      { HONEYCOMB_API_KEY: '' },
      { 'clone.env': line },
      /is empty in the environment and hides the value in clone\.env: unset HONEYCOMB_API_KEY\.\n$/,
    ],
    [file, {}, { 'clone.env': line.replace('\n', '\rA=') }, /^clone\.env has lines that end with .*\(CR\)/],
  ] as const;
  for (const [options, env, files, expected] of cases) {
    const { code, out, err } = await run(t, options, env, files);
    t.equal(code, 1);
    t.equal(out, '');
    t.match(err, expected);
  }
});

t.test('a key that cannot send is told before the command begins, as dev tells it', async (t) => {
  const { url, sent } = await honeycombOf(t);
  const cases = [
    [`"${INGEST_KEY}"`, /^Honeycomb: key malformed\. HONEYCOMB_API_KEY has quotes/],
    [CLASSIC_KEY, /^Honeycomb: dataset missing\. .* needs HONEYCOMB_DATASET/],
    [CONFIGURATION_KEY, /^Honeycomb: key refused \(401\)/],
  ] as const;
  for (const [HONEYCOMB_API_KEY, expected] of cases) {
    const { code, out, err } = await run(t, [], { HONEYCOMB_API_KEY, HONEYCOMB_API_ENDPOINT: url }, {});
    t.equal(code, 1);
    t.equal(out, '');
    t.match(err, expected);
  }
  t.same(sent(), []);
});

t.test("where Honeycomb does not answer, run says so, and ends with the command's exit code", async (t) => {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const env = { HONEYCOMB_API_KEY: INGEST_KEY, HONEYCOMB_API_ENDPOINT: nobody };
  const { code, out, err } = await run(t, [], env, {});
  t.equal(code, 0, err);
  t.equal(out, `${INGEST_KEY}\n`);
  t.match(err, /\nHoneycomb: key not checked\..*ECONNREFUSED/);
  t.notMatch(err, 'unsettled');
});

t.test("what the explorer of run logs while the command runs is not on the command's stdout", async (t) => {
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const env = { HONEYCOMB_API_KEY: INGEST_KEY, HONEYCOMB_API_ENDPOINT: nobody };
  const here = t.testdir({ 'package.json': '{}', 'app.cjs': `${APP} process.stdin.resume();` });
  const command = ['--', process.execPath, 'app.cjs'];
  const { child, said, ended } = start(t, command, ['--honeycomb'], { ...TRACED, ...env }, here);
  await until(() => /did not reach/.test(said.err + said.out));
  child.stdin.end();
  t.equal(await ended, 0, said.err);
  t.equal(said.out, `${INGEST_KEY}\n`);
});
