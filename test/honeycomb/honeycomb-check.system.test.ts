import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import t from 'tap';
import {
  CONFIGURATION_KEY,
  fakeHoneycomb,
  INGEST_KEY,
} from '../../packages/telemetry/test/service/doctor/honeycomb/fake-honeycomb.ts';

const script = fileURLToPath(new URL('../../scripts/honeycomb-check.ts', import.meta.url));

/** Runs the command as package.json does, in a folder that has this .env (or none). */
async function runCheck(t: Test, dotEnv: string | undefined, env: Record<string, string> = {}) {
  const honeycomb = await fakeHoneycomb();
  t.teardown(() => honeycomb.close());
  // Not t.testdir(), which two runs of this file would share.
  const cwd = mkdtempSync(join(tmpdir(), 'honeycomb-check-'));
  t.teardown(() => rmSync(cwd, { recursive: true }));
  if (dotEnv !== undefined) writeFileSync(join(cwd, '.env'), dotEnv);
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  return new Promise<{ code: number; lines: string[]; stderr: string }>((resolve) => {
    execFile(
      process.execPath,
      [script],
      { cwd, env: { PATH, NODE_COMPILE_CACHE, HONEYCOMB_API_ENDPOINT: honeycomb.url, ...env } },
      (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), lines: stdout.trimEnd().split('\n'), stderr }),
    );
  });
}

t.test('an accepted key in .env: one line, where it came from, exit code 0', async (t) => {
  const { code, lines, stderr } = await runCheck(t, `HONEYCOMB_API_KEY=${INGEST_KEY}\n`);
  t.equal(code, 0, stderr);
  t.match(lines, [
    /^Honeycomb: key accepted .* team honeycomb-docs, environment production; may send events\.$/,
    'HONEYCOMB_API_KEY came from .env.',
  ]);
  t.equal(lines.length, 2);
});

t.test('a refused key in the environment: exit code 1', async (t) => {
  const { code, lines } = await runCheck(t, undefined, { HONEYCOMB_API_KEY: CONFIGURATION_KEY });
  t.equal(code, 1);
  t.match(lines, [/^Honeycomb: key refused \(401\)/, 'HONEYCOMB_API_KEY came from the environment.']);
});

t.test('an empty variable that hides the key in .env is named', async (t) => {
  const { code, lines } = await runCheck(t, `HONEYCOMB_API_KEY=${INGEST_KEY}\n`, { HONEYCOMB_API_KEY: '' });
  t.equal(code, 1);
  t.match(lines, [
    /^Honeycomb: no key/,
    /empty in the environment, which hides the value in \.env: unset HONEYCOMB_API_KEY/,
  ]);
});

t.test('no key anywhere: exit code 1 and what to do', async (t) => {
  const { code, lines } = await runCheck(t, undefined);
  t.equal(code, 1);
  t.match(lines, [/^Honeycomb: no key/, /neither in the environment nor in \.env/]);
});

t.test('headers that cannot be read hide no key: HONEYCOMB_API_KEY is the one that counts', async (t) => {
  const headers = { OTEL_EXPORTER_OTLP_HEADERS: 'foo' };
  const { code, lines, stderr } = await runCheck(t, `HONEYCOMB_API_KEY=${INGEST_KEY}\n`, headers);
  t.equal(code, 0, stderr);
  t.match(lines, [/^Honeycomb: key accepted/, 'HONEYCOMB_API_KEY came from .env.']);
  const without = await runCheck(t, undefined, headers);
  t.equal(without.code, 1);
  t.match(without.stderr, /^OTEL_EXPORTER_OTLP_HEADERS must be a list/, 'the key may be in there');
});

t.test('a key that an empty line of .env hides is told, also where its lines have no ends', async (t) => {
  const lines = [`HONEYCOMB_API_KEY=${INGEST_KEY}`, 'HONEYCOMB_API_KEY=', ''];
  const hidden = await runCheck(t, lines.join('\n'));
  t.equal(hidden.code, 1);
  t.match(hidden.lines, [/^Honeycomb: no key/, /a later, empty line hides it: delete line 2\.$/]);
  const glued = await runCheck(t, lines.join('\r'));
  t.equal(glued.code, 1);
  t.match(glued.stderr, /\.env has lines that end with a carriage return alone/);
  for (const { lines, stderr } of [hidden, glued]) t.notMatch(lines.join() + stderr, INGEST_KEY);
});
