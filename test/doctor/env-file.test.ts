import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { examineEnvFile } from '../../scripts/lib/doctor/env-file.ts';

const SECRET = 'a-value-that-nobody-may-see';

function temporaryFolder(t: Test): string {
  const folder = mkdtempSync(join(tmpdir(), 'env-file-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Findings about a .env with this text, but for the list of what is set. */
function remarks(t: Test, text: string | Buffer, shell: NodeJS.ProcessEnv = {}, mode = 0o600) {
  const path = join(temporaryFolder(t), '.env');
  writeFileSync(path, text);
  chmodSync(path, mode);
  const findings = examineEnvFile(path, shell);
  t.notMatch(JSON.stringify(findings), SECRET);
  return findings.filter(({ level }) => level !== 'ok');
}

t.test('no file, and one with known names: nothing to do', async (t) => {
  t.match(examineEnvFile(join(temporaryFolder(t), '.env'), {}), [{ level: 'ok', what: /^There is none/ }]);
  t.strictSame(remarks(t, `# a comment\nHONEYCOMB_API_KEY=${SECRET}\nLOG_LEVEL=\nDATABASE_URL="a\nb"\n`), []);
});

t.test('a misspelt name gets the right one as its fix; an unknown name is a note', async (t) => {
  t.match(remarks(t, `HONEYCOMB_APIKEY=${SECRET}\n`), [
    {
      level: 'warning',
      what: /^HONEYCOMB_APIKEY is in \.env, but nothing/,
      fix: 'Is HONEYCOMB_API_KEY meant? Rename it.',
    },
  ]);
  t.match(remarks(t, 'SOMETHING_OF_ANOTHER_PROGRAM=1\n'), [{ level: 'note', what: /^SOMETHING_OF_ANOTHER/ }]);
});

t.test("the shell hides the file's value, also with an empty one", async (t) => {
  const text = `HONEYCOMB_API_KEY=${SECRET}\n`;
  t.match(remarks(t, text, { HONEYCOMB_API_KEY: '' }), [
    { level: 'warning', what: /set in the shell too, but empty/, fix: /unset HONEYCOMB_API_KEY/ },
  ]);
  t.match(remarks(t, text, { HONEYCOMB_API_KEY: 'other' }), [{ what: /something else in the shell/ }]);
  t.strictSame(remarks(t, text, { HONEYCOMB_API_KEY: SECRET }), [], 'the same value hides nothing');
});

t.test('an unreadable line is named by its number, without its text', async (t) => {
  t.match(remarks(t, `LOG_LEVEL=info\n\nHONEYCOMB_API_KEY: ${SECRET}\n`), [
    { level: 'warning', what: 'Line 3 of .env is not NAME=value, and is not read.' },
  ]);
});

t.test('a file in two encodings is a problem', async (t) => {
  const mixed = Buffer.concat([Buffer.from('LOG_LEVEL=info\n'), Buffer.from('A=1\n', 'utf16le')]);
  t.match(remarks(t, mixed), [{ level: 'problem', what: /is not UTF-8\. Save it as UTF-8/ }]);
});

t.test('variables of docker compose are known', async (t) => {
  const text = 'POSTGRES_PASSWORD=a\nCOMPOSE_PROFILES=collector\nCOLLECTOR_HONEYCOMB_API_KEY=b\n';
  t.strictSame(remarks(t, text), []);
});

t.test('other names of the key get HONEYCOMB_API_KEY as their fix', async (t) => {
  for (const name of ['HONEYCOMB_WRITEKEY', 'HONEYCOMB_INGEST_KEY', 'honeycomb_api_token'])
    t.match(remarks(t, `${name}=${SECRET}\n`), [{ fix: 'Is HONEYCOMB_API_KEY meant? Rename it.' }], name);
});

t.test('a folder in the place of .env is a problem, with what to do', async (t) => {
  const path = join(temporaryFolder(t), '.env');
  mkdirSync(path);
  t.match(examineEnvFile(path, {}), [{ level: 'problem', what: /cannot be read.*cp \.env\.example/ }]);
});

t.test(
  'a value that an empty line below it hides is told with the lines, but the key, which has a finding of its own',
  async (t) => {
    const text = `DATABASE_URL=${SECRET}\nHONEYCOMB_API_KEY=${SECRET}\nDATABASE_URL=\nHONEYCOMB_API_KEY=\n`;
    t.strictSame(remarks(t, text), [
      {
        check: '.env',
        level: 'warning',
        what: 'DATABASE_URL has a value in line 1 of .env, and a later, empty line hides it.',
        fix: 'Then it counts: delete line 3.',
      },
    ]);
    t.strictSame(remarks(t, `DATABASE_URL=\nDATABASE_URL=${SECRET}\n`), [], 'the last one counts');
  },
);

t.test('lines that no LF ends are a problem, and CR before LF is none', async (t) => {
  const lines = ['# mine', 'LOG_LEVEL=info', `HONEYCOMB_API_KEY=${SECRET}`, ''];
  t.match(remarks(t, lines.join('\r')), [
    { level: 'problem', what: /\(CR\).*Save it with line ends LF/, fix: 'Write the file again.' },
  ]);
  t.strictSame(remarks(t, lines.join('\r\n')), []);
});
