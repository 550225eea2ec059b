import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { AcceptedEntry } from '../../../../src/core/problems/file/accepted.ts';
import { readEntries } from '../../../../src/core/problems/file/read-file.ts';
import { textOf, withEntries } from '../../../../src/parts/known/command/write-file.ts';

const entry: AcceptedEntry = {
  rule: 'repeated-call',
  service: 'shop',
  route: 'GET /orders/:',
  operation: 'SELECT items',
  statement: 'select name from items where id = ?',
  file: 'src/orders.js',
  sentence: 'SELECT items was called 15 times in a row by GET /orders/:id',
  by: 'orders team',
  why: 'a report for 20 rows',
  since: '2026-11-29',
  until: '2027-01-01',
};
const whole = textOf([entry]);
/** The file with something else in place of a text. */
const changed = (text: string, other: string) => {
  if (!whole.includes(text)) throw new Error(`${text} is not there`);
  return whole.replace(text, other);
};
const second = (more: object) => textOf([entry, { ...entry, ...more }]);

/** Each with its line, and what it says. */
const BROKEN: readonly (readonly [what: string, text: string, says: RegExp])[] = [
  ['nothing', '', /^f:1: this is no JSON$/],
  ['a text', 'no problems here', /^f:1: this is no JSON$/],
  ['a list', '[]', /^f:1: the file is no object/],
  ['an end too early', whole.slice(0, whole.indexOf('"why"')), /^f:12: this is no JSON$/],
  ['a comma too many', changed('"2027-01-01"\n', '"2027-01-01",\n'), /^f:16: this is no JSON$/],
  ['a comma too few', changed('"GET /orders/:",', '"GET /orders/:"'), /^f:8: this is no JSON$/],
  [
    'the marks of a conflict',
    changed('    {\n', '<<<<<<< HEAD\n    {\n'),
    /^f:4: here are the marks of a conflict: merge the file$/,
  ],
  ['no version', changed('  "version": 1,\n', ''), /^f:1: "version" is missing; it is 1$/],
  ['another version', changed('"version": 1', '"version": 2'), /^f:2: "version" is 2; this command reads 1$/],
  ['no list', '{\n"version": 1\n}', /^f:1: "known" is missing$/],
  ['something else as list', '{\n"version": 1,\n"known": {}\n}', /^f:3: "known" is no list$/],
  [
    'a strange field of the file',
    changed('"known"', '"more": 1,\n  "known"'),
    /^f:3: "more" is no field; the fields are version, known$/,
  ],
  ['an entry that is none', '{"version": 1,\n"known": [\n"all"\n]}', /^f:3: an entry is no object$/],
  ['a strange field', changed('"by"', '"By"'), /^f:12: "By" is no field; the fields are rule, service, /],
  [
    'a field that is missing',
    changed('      "why": "a report for 20 rows",\n', ''),
    /^f:4: an entry has no "why"$/,
  ],
  ['a field that is empty', changed('a report for 20 rows', ' '), /^f:13: "why" is empty$/],
  ['a field twice', changed('"by"', '"rule": "error",\n      "by"'), /^f:12: "rule" stands twice$/],
  ['a number', changed('"orders team"', '7'), /^f:12: "by" is no text$/],
  [
    'a day that is none',
    changed('2027-01-01', '2027-02-30'),
    /^f:15: "until" is "2027-02-30", which is no day/,
  ],
  [
    'a time instead of a day',
    changed('2026-11-29', '2026-11-29T08:00:00Z'),
    /^f:14: "since" is .*, which is no day/,
  ],
  [
    'a statement and a call',
    changed('"file"', '"call": "GET a /b",\n      "file"'),
    /^f:10: an entry has "statement" and "call"/,
  ],
  [
    'a file outside',
    changed('src/orders.js', '../orders.js'),
    /^f:10: "file" is "\.\.\/orders\.js"; it is told from the root/,
  ],
  ['an absolute file', changed('src/orders.js', '/srv/orders.js'), /^f:10: "file" is/],
  [
    'two entries for one problem',
    second({ why: 'again' }),
    /^f:17: two entries are for one problem; the other one is in line 4$/,
  ],
  ['an entry for all files', second({ file: undefined }), /^f:17: two entries are for one problem/],
  [
    'too many entries',
    textOf(Array.from({ length: 2001 }, (_, n) => ({ ...entry, route: `GET /${n}` }))),
    /^f:3: it has 2,001 entries; at most 2,000 are read$/,
  ],
  [
    'a long text',
    changed('a report for 20 rows', 'x'.repeat(2001)),
    /^f:13: "why" has more than 2000 characters$/,
  ],
  [
    'too many bytes',
    `${whole}${' '.repeat(1024 * 1024)}`,
    /^f cannot be read: it has \d+ bytes; at most 1048576/,
  ],
];

for (const [what, text, says] of BROKEN)
  t.test(`a file with ${what} is refused in one line, with its place`, async (t) => {
    const path = join(t.testdir({ f: text }), 'f');
    await t.rejects(readEntries(path, 'f'), { message: says });
    await t.rejects(readEntries(path, 'f'), { message: /^[^\n]{1,300}$/ });
  });

t.test('a whole file is read, also with line ends of Windows, and written as it was', async (t) => {
  const other = { ...entry, file: 'src/b.js' };
  const folder = t.testdir({
    f: whole,
    w: whole.replaceAll('\n', '\r\n'),
    two: second({ file: 'src/b.js' }),
    none: '{"version":1,"known":[]}',
  });
  t.same(await readEntries(join(folder, 'f'), 'f'), [entry]);
  t.same(await readEntries(join(folder, 'w'), 'w'), [entry]);
  t.same(await readEntries(join(folder, 'two'), 'two'), [entry, other], 'two functions may do the same');
  t.same(await readEntries(join(folder, 'none'), 'none'), []);
  t.equal(await readEntries(join(folder, 'nowhere'), 'nowhere'), undefined);
});

t.test('a folder and a pipe are no file, and say so', async (t) => {
  const folder = t.testdir({});
  mkdirSync(join(folder, 'f'));
  await t.rejects(readEntries(join(folder, 'f'), 'f'), { message: 'f cannot be read: it is a folder' });
  symlinkSync('/dev/null', join(folder, 'n'));
  await t.rejects(readEntries(join(folder, 'n'), 'n'), { message: /^n cannot be read: it is a pipe/ });
});

t.test('what a sender wrote cannot reach a terminal by an error', async (t) => {
  const path = join(t.testdir({ f: changed('"by"', '"\\u001b[2Jb"') }), 'f');
  const { message } = await readEntries(path, 'f').then(
    () => new Error('read'),
    (error: Error) => error,
  );
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what is looked for
  t.notMatch(message, /\u001b/);
  t.match(message, /^f:12: /);
});

t.test('an entry is written at its place, and the order of the others stays', async (t) => {
  const routes = (entries: readonly AcceptedEntry[]) => entries.map(({ route }) => route);
  const at = (route: string) => ({ ...entry, route });
  t.same(routes(withEntries([at('a'), at('c')], [at('d'), at('b')])), ['a', 'b', 'c', 'd']);
  t.same(routes(withEntries([at('c'), at('a')], [at('b')])), ['b', 'c', 'a']);
});

t.test('a byte order mark before the text is read', async (t) => {
  const folder = t.testdir({ f: `\uFEFF${whole}` });
  t.same(await readEntries(join(folder, 'f'), 'f'), [entry]);
});
