import t from 'tap';
import { chooseColours } from '../../../src/core/command/terminal/colours.ts';
import { sectionsText } from '../../../src/core/command/terminal/section-text.ts';
import type { Section } from '../../../src/core/places/section.ts';
import { firstRows } from '../../../src/core/places/section.ts';
import { sectionsMarkdown, titledMarkdown } from '../../../src/core/places/section-markdown.ts';

const plain = chooseColours(1);
const link = 'http://here/trace/1';
const list: Section = {
  title: 'api GET /home',
  sentences: ['Two of three.'],
  rows: [
    { sign: '✗', cells: ['GET /users', 'called 7 times'], details: ['in cart'], link },
    { sign: '✗', cells: ['GET /carts'], link },
    { sign: '✓', cells: ['GET /items'], link },
    { cells: ['adds'], measured: { now: 12, own: 3, unit: 'ms' } },
  ],
};
const table: Section = {
  title: 'Rules',
  sentences: [],
  columns: ['Rule', 'Kept'],
  rows: [{ cells: ['errors', '22'] }, { cells: ['all others', '3'] }],
};
const foot: Section = { title: '', sentences: ['Nothing else.'], rows: [] };

t.test('a list: what is known of a row below it, and a link once below the lines that have it', async (t) => {
  t.equal(
    sectionsText([list, foot], plain),
    `api GET /home
Two of three.
  ✗ GET /users: called 7 times
      in cart
      ${link}
  ✗ GET /carts
  ✓ GET /items
      ${link}
  adds

Nothing else.
`,
  );
  t.equal(
    sectionsMarkdown([list, foot], 2),
    `## api GET /home

Two of three.

- ✗ [GET /users](<${link}>): called 7 times · in cart
- ✗ [GET /carts](<${link}>)
- ✓ [GET /items](<${link}>)
- adds: 12.0 ms

Nothing else.
`,
  );
});

t.test('a table has aligned cells; with signs a terminal writes its rows below each other', async (t) => {
  t.equal(sectionsText([table], plain), 'Rules\n\nRule        Kept\nerrors      22\nall others  3\n');
  t.equal(
    titledMarkdown([foot, table]),
    'Nothing else.\n\n### Rules\n\n| Rule | Kept |\n| --- | --- |\n| errors | 22 |\n| all others | 3 |\n',
  );
  const signed = { ...list, columns: ['call', 'how often'] };
  t.match(sectionsText([signed], plain), '  ✗ GET /users: called 7 times\n      in cart\n');
  t.match(sectionsMarkdown([signed], 2), `| ✗ | [GET /users](<${link}>) | called 7 times<br>in cart |\n`);
});

t.test('of many rows the first ones, and how many more there are', async (t) => {
  t.same(firstRows(table, 1).rows, [{ cells: ['errors', '22'] }, { cells: ['and 1 more'] }]);
  t.equal(firstRows(table, 2), table);
});

t.test('every text of a section stays text', async (t) => {
  const evil = '<b>\u001b[2J [x](http://evil) @all';
  const section: Section = {
    title: evil,
    sentences: [evil],
    rows: [{ cells: [evil, evil], details: [evil] }],
  };
  const [text, markdown] = [sectionsText([section], plain), sectionsMarkdown([section], 2)];
  t.notMatch(text + markdown, '\u001b');
  t.notMatch(markdown, /(?<!\\)<b|(?<!\\)@all|(?<!\\)\]\(/);
  t.match(
    sectionsText([{ ...foot, sentences: ['::error::no'] }], plain),
    /^· ::error::no$/m,
    'no command of a job',
  );
});
