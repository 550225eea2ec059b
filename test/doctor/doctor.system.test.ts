import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { serve } from '../../packages/telemetry/test/serve.ts';
import {
  CONFIGURATION_KEY,
  fakeHoneycomb,
} from '../../packages/telemetry/test/service/doctor/honeycomb/fake-honeycomb.ts';
import { IS_NIGHT } from '../helpers/nightly.ts';
import { freePort, ROOT, startNode } from '../helpers/processes.ts';
import { until } from '../helpers/until.ts';
import { findingsOf, runDoctor } from './run-doctor.ts';

// At night too: with a second pair of services without a key.

/** The command is started several times, at night both services, on a machine that does other things as well. */
const LIMIT_MS = 300_000;

t.setTimeout(LIMIT_MS);

/** Ports and data of the test's own, as both `dev` and the doctor are told. */
async function place(t: Test): Promise<Record<string, string>> {
  const [page, api, lookup, otlp, grpc] = await Promise.all(Array.from({ length: 5 }, freePort));
  const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return {
    DATA_DIR: folder,
    EXPLORER_URL: `http://localhost:${page}`,
    BACKEND_URL: `http://localhost:${api}`,
    USER_LOOKUP_URL: `http://localhost:${lookup}`,
    OTLP_PORT: String(otlp),
    OTLP_GRPC_PORT: String(grpc),
    NO_COLOR: '1',
  };
}

t.test('nothing runs: no problem, exit code 0, and how to have it tested', async (t) => {
  const diagnosis = await runDoctor(t, await place(t));
  t.equal(diagnosis.code, 0, diagnosis.output);
  t.match(findingsOf(diagnosis, 'settings')[0]?.what, /Not default: .*DATA_DIR/);
  t.match(findingsOf(diagnosis, 'honeycomb'), [
    { level: 'note', what: /^no key\..*neither in the environment nor in \.env/ },
  ]);
  t.match(findingsOf(diagnosis, 'self-test'), [{ level: 'warning', fix: /tandem dev/ }]);
});

t.test('a request has no parent whose span no destination takes', async (t) => {
  const parents: unknown[] = [];
  const api = createServer(({ headers, url }, response) => {
    if (url !== '/metrics') parents.push(headers.traceparent);
    response.end('{}');
  });
  const backend = `http://localhost:${await serve(t, api)}`;
  const env = { ...(await place(t)), BACKEND_URL: backend };
  await runDoctor(t, { ...env, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` });
  t.strictSame(parents, [undefined]);
  await runDoctor(t, env);
  t.match(parents[1], /^00-/);
});

t.test('a malformed address is a problem: exit code 1, and the variable', async (t) => {
  const { code, findings } = await runDoctor(t, { ...(await place(t)), BACKEND_URL: 'localhost:4567' });
  t.equal(code, 1);
  t.match(findings.at(-1), {
    level: 'problem',
    what: /^BACKEND_URL must be a URL/,
    fix: 'Correct or unset BACKEND_URL.',
  });
});

t.test('a setting that keeps a process from starting is a problem, with what to do', async (t) => {
  const env = { ...(await place(t)), EXPLORER_FORWARD: 'honeycomb', DATABASE_POOL_SIZE: 'many' };
  const { code, findings } = await runDoctor(t, env);
  t.equal(code, 1);
  t.match(
    findings.filter(({ level }) => level === 'problem'),
    [
      {
        check: 'settings',
        what: 'explorer does not start: EXPLORER_FORWARD=honeycomb needs HONEYCOMB_API_KEY.',
        fix: 'Set HONEYCOMB_API_KEY, for instance in .env, or unset EXPLORER_FORWARD.',
      },
      {
        what: /^user-lookup and activities-api do not start: DATABASE_POOL_SIZE must be/,
        fix: 'Correct or unset DATABASE_POOL_SIZE.',
      },
    ],
  );
});

if (IS_NIGHT)
  t.test('a collector that does not answer, and a key that Honeycomb refuses', async (t) => {
    const honeycomb = await fakeHoneycomb();
    t.teardown(() => honeycomb.close());
    const collector = `http://127.0.0.1:${await freePort()}`;
    const diagnosis = await runDoctor(t, {
      ...(await place(t)),
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      HONEYCOMB_API_KEY: CONFIGURATION_KEY,
      HONEYCOMB_API_ENDPOINT: honeycomb.url,
    });
    t.equal(diagnosis.code, 1);
    t.match(findingsOf(diagnosis, 'honeycomb'), [
      { level: 'problem', what: /key refused \(401\).*came from the environment/, fix: /honeycomb:check/ },
    ]);
    const problems = diagnosis.findings.filter(({ level }) => level === 'problem');
    t.match(problems, [
      { check: 'honeycomb' },
      { check: 'endpoint', what: /no connection .*ECONNREFUSED 127/ },
    ]);
    t.equal(problems.length, 2, 'one for each cause');
    t.notMatch(diagnosis.output, CONFIGURATION_KEY);
  });

if (IS_NIGHT)
  t.test(
    'services whose propagators carry no trace make a trace each, and the variable is named',
    async (t) => {
      const env = { ...(await place(t)), OTEL_PROPAGATORS: 'baggage' };
      const dev = startNode('.', ['scripts/dev.ts'], env, true);
      t.teardown(() => dev.stop());
      await until(() => dev.output().includes('Tandem runs.'), { what: dev.output });
      const diagnosis = await runDoctor(t, env);
      t.equal(diagnosis.code, 1, diagnosis.output);
      t.match(
        // Not of the Node that runs it, of which holes may be known.
        diagnosis.findings.filter(({ check, level }) => level === 'warning' && check !== 'node'),
        [{ check: 'settings', what: /^OTEL_PROPAGATORS=baggage carries no trace/ }],
      );
      t.match(
        diagnosis.findings.filter(({ level }) => level === 'problem'),
        [{ check: 'self-test', what: /in a trace of its own/, fix: /OTEL_PROPAGATORS/ }],
      );
      t.notMatch(diagnosis.output, /did not arrive|went through both/);
    },
  );

t.test('a word that is no option is refused with the usage', async (t) => {
  const code = await new Promise((resolve) => {
    execFile(process.execPath, [join(ROOT, 'scripts', 'doctor.ts'), '--loud'], (error, _, stderr) => {
      t.match(stderr, /Usage: .*doctor \[--json\]/);
      resolve(error?.code);
    });
  });
  t.equal(code, 2);
});
