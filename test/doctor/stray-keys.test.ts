import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { examineStrayKeys } from '../../scripts/lib/doctor/stray-keys.ts';
import { runDoctor } from './run-doctor.ts';

const SECRET = 'hunter2hunter2hunter22';
const LINE = `HONEYCOMB_API_KEY=${SECRET}\n`;

/** A workspace and, beside it, another folder, with these files. @returns their paths */
function place(t: Test, files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'stray-keys-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), text);
  }
  return { root: join(folder, 'tandem'), app: join(folder, 'app') };
}

t.test('a key in a file that nothing reads is a problem, with its file and the right one', async (t) => {
  const app = 'HONEYCOMB_WRITEKEY="hunter2hunter2hunter22"\n';
  const { root, app: caller } = place(t, {
    'tandem/services/activities-api/.env': LINE,
    'tandem/services/user-lookup/.env': `# mine\nexport ${LINE}`,
    'tandem/.env.example': LINE,
    'tandem/.env.local': `\uFEFF${LINE}HONEYCOMB_API_KEY=\n`,
    'app/.env': app,
  });
  const envFile = join(root, '.env');
  const findings = examineStrayKeys(envFile, {}, caller);
  const files = [
    '.env.example',
    '.env.local',
    'services/activities-api/.env',
    'services/user-lookup/.env',
    join(caller, '.env'),
  ];
  t.strictSame(
    findings.map(({ what }) => what.split(' has ')[0]),
    files,
  );
  for (const { level, fix } of findings) {
    t.equal(level, 'problem');
    t.ok(fix?.includes(envFile), 'says where it belongs');
  }
  t.match(findings.at(-1)?.what, /HONEYCOMB_WRITEKEY/);
  t.notMatch(JSON.stringify(findings), SECRET);
});

t.test('where a key is in force, another one is a note', async (t) => {
  const { root } = place(t, { 'tandem/.env.local': LINE });
  const inForce = [
    { HONEYCOMB_API_KEY: 'a' },
    {
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://api.honeycomb.io',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-honeycomb-team=a',
    },
  ];
  for (const env of inForce)
    t.match(examineStrayKeys(join(root, '.env'), env, root), [{ level: 'note', what: /^\.env\.local has/ }]);
  const headers = { OTEL_EXPORTER_OTLP_HEADERS: 'a list that nobody can read' };
  for (const env of [{ HONEYCOMB_API_KEY: ' ' }, headers])
    t.match(examineStrayKeys(join(root, '.env'), env, root), [{ level: 'problem' }]);
});

t.test(
  'nothing is said of files without a key, of the file that is read, and of what is no file',
  async (t) => {
    const { root, app } = place(t, {
      'tandem/.env': LINE,
      'tandem/.env.example': 'HONEYCOMB_API_KEY=\n# HONEYCOMB_API_KEY=a\n',
      'tandem/services/user-lookup/.env/file': '',
      'app/other': '',
    });
    execFileSync('mkfifo', [join(app, '.env')]);
    t.strictSame(examineStrayKeys(join(root, '.env'), {}, app), []);
    t.strictSame(examineStrayKeys(join(root, '.env'), {}, root), []);
  },
);

t.test(
  'the doctor ends with 1 for a key in the folder that it was called from, and does not show it',
  async (t) => {
    const { app } = place(t, { 'app/.env': LINE });
    const { code, findings, output } = await runDoctor(t, {
      INIT_CWD: app,
      EXPLORER_URL: 'http://localhost:9',
    });
    t.equal(code, 1);
    t.match(
      findings.filter(({ level }) => level === 'problem').map(({ what }) => what),
      [`${join(app, '.env')} has HONEYCOMB_API_KEY`],
    );
    t.notMatch(output, SECRET);
  },
);
