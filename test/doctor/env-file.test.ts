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

t.test('a misspelt name is told the one that is meant; a foreign one is a note', async (t) => {
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

t.test('a line that is not read is named by its number, not by its text', async (t) => {
  t.match(remarks(t, `LOG_LEVEL=info\n\nHONEYCOMB_API_KEY: ${SECRET}\n`), [
    { level: 'warning', what: 'Line 3 of .env is not NAME=value, and is not read.' },
  ]);
});

t.test('variables that three processes cannot share', async (t) => {
  t.match(remarks(t, 'PORT=3000\nOTEL_SERVICE_NAME=mine\n'), [
    { level: 'warning', fix: 'Remove OTEL_SERVICE_NAME from .env.' },
    { level: 'warning', fix: 'Remove PORT from .env.' },
  ]);
});

t.test('a key that other users of the machine can read', async (t) => {
  t.match(remarks(t, `HONEYCOMB_API_KEY=${SECRET}\n`, {}, 0o644), [{ level: 'note', fix: 'chmod 600 .env' }]);
  t.strictSame(remarks(t, 'LOG_LEVEL=info\n', {}, 0o644), []);
});

t.test('a file in two encodings is a problem', async (t) => {
  const mixed = Buffer.concat([Buffer.from('LOG_LEVEL=info\n'), Buffer.from('A=1\n', 'utf16le')]);
  t.match(remarks(t, mixed), [{ level: 'problem', what: /is partly UTF-16/ }]);
});

t.test('what docker compose reads is not foreign', async (t) => {
  const text = 'POSTGRES_PASSWORD=a\nCOMPOSE_PROFILES=collector\nCOLLECTOR_HONEYCOMB_API_KEY=b\n';
  t.strictSame(remarks(t, text), []);
});

t.test('other names of the key are told the one that counts', async (t) => {
  for (const name of ['HONEYCOMB_WRITEKEY', 'HONEYCOMB_INGEST_KEY', 'honeycomb_api_token'])
    t.match(remarks(t, `${name}=${SECRET}\n`), [{ fix: 'Is HONEYCOMB_API_KEY meant? Rename it.' }], name);
});

t.test('a line that was added to one without an end is found in its value', async (t) => {
  t.match(remarks(t, `POSTGRES_PASSWORD=aHONEYCOMB_API_KEY=${SECRET}\n`), [
    {
      level: 'warning',
      what: /^The value of POSTGRES_PASSWORD has HONEYCOMB_API_KEY= in it/,
      fix: 'Put HONEYCOMB_API_KEY on a line of its own.',
    },
  ]);
});

t.test('of a name that is there twice the last line counts: said where the other had a value', async (t) => {
  t.strictSame(remarks(t, `HONEYCOMB_API_KEY=\nLOG_LEVEL=info\nHONEYCOMB_API_KEY=${SECRET}\n`), []);
  t.strictSame(remarks(t, 'LOG_LEVEL=info\r\nLOG_LEVEL=info\r\n'), []);
  t.match(remarks(t, `HONEYCOMB_API_KEY=${SECRET}\nHONEYCOMB_API_KEY=\n`), [
    {
      level: 'warning',
      what: 'HONEYCOMB_API_KEY is in line 1 of .env, but line 2 counts, where it is empty.',
    },
  ]);
  t.match(remarks(t, `HONEYCOMB_API_KEY=${SECRET}\n\nHONEYCOMB_API_KEY=your-key-here\n`), [
    {
      level: 'warning',
      what: 'HONEYCOMB_API_KEY is in line 1 of .env, but line 3 counts, where it is another.',
    },
  ]);
});

t.test('files that look like .env and that nothing reads are named', async (t) => {
  const folder = temporaryFolder(t);
  const service = join(folder, 'services', 'activities-api');
  mkdirSync(service, { recursive: true });
  mkdirSync(join(folder, 'env')); // a virtual environment of Python's
  for (const file of [join(service, '.env'), join(folder, '.env.txt'), join(folder, '.env.example')])
    writeFileSync(file, `HONEYCOMB_API_KEY=${SECRET}\n`);
  writeFileSync(join(folder, '.envrc'), `export HONEYCOMB_API_KEY=${SECRET}\n`);
  writeFileSync(join(folder, '.env.local'), 'OF_ANOTHER_PROGRAM=1\nLOG_LEVEL=\n');
  const findings = examineEnvFile(join(folder, '.env'), {});
  t.notMatch(JSON.stringify(findings), SECRET);
  t.match(findings, [
    { level: 'ok', what: /^There is none/ },
    { level: 'warning', what: '.env.txt sets HONEYCOMB_API_KEY, but nothing reads that file.' },
    {
      level: 'warning',
      what: 'services/activities-api/.env sets HONEYCOMB_API_KEY, but nothing reads that file.',
      fix: 'Move the lines to .env at the root, which serves all processes.',
    },
  ]);
  t.equal(findings.length, 3);
});

t.test('a folder in the place of .env is a problem, with what to do', async (t) => {
  const path = join(temporaryFolder(t), '.env');
  mkdirSync(path);
  t.match(examineEnvFile(path, {}), [
    { level: 'problem', what: /is a folder, as Docker makes one.*cp \.env\.example/ },
  ]);
});
