import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Test } from 'tap';
import t from 'tap';
import { findExcesses } from '../../scripts/budgets.ts';

const SOURCES = 'packages/one/src';

/** A workspace with these files below its only package. */
function workspace(t: Test, files: Readonly<Record<string, string>>, table: object = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'budgets-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, SOURCES, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  const usual = { fileLines: 3, folderFiles: 2, rooms: {}, outside: {}, upwards: {} };
  mkdirSync(join(root, 'scripts'));
  writeFileSync(join(root, 'scripts', 'budgets.json'), JSON.stringify({ ...usual, ...table }));
  return root;
}

t.test('a file over its lines and a folder over its files are named', async (t) => {
  const files = { 'long.ts': '1\n2\n3\n4\n', 'b.ts': '', 'page.tsx': '' };
  t.strictSame(findExcesses(workspace(t, files)).toSorted(), [
    `${SOURCES}/long.ts: 4 lines, at most 3.`,
    `${SOURCES}: 3 files, at most 2.`,
  ]);
});

t.test('a folder of tests at the root over its files is named', async (t) => {
  const root = workspace(t, {});
  mkdirSync(join(root, 'test', 'pair'), { recursive: true });
  for (const name of ['a', 'b', 'c'])
    writeFileSync(join(root, 'test', 'pair', `${name}.test.ts`), '1\n2\n3\n4\n');
  t.strictSame(findExcesses(root), ['test/pair: 3 files, at most 2.']);
});

t.test(
  'an import upwards is named, a room that is not in the table, and one that does not exist',
  async (t) => {
    const files = {
      'low/a.ts': "import type { B } from '../high/b.ts';\n",
      'high/b.ts': "import { a } from '../low/a.ts';\nawait import('../low/a.ts');\n",
    };
    const rooms = { [SOURCES]: ['low', 'high'] };
    t.strictSame(findExcesses(workspace(t, files, { rooms })), [
      `${SOURCES}: low > high (${SOURCES}/low/a.ts): 1 imports upwards, at most 0.`,
    ]);
    t.strictSame(
      findExcesses(workspace(t, files, { rooms, upwards: { [`${SOURCES}: low > high`]: 1 } })),
      [],
    );
    const later = { 'low/a.ts': "load<typeof import('../high/b.ts')>('high');\n" };
    t.strictSame(
      findExcesses(workspace(t, { ...files, ...later }, { rooms })),
      [`${SOURCES}: low > high (${SOURCES}/low/a.ts): 1 imports upwards, at most 0.`],
      'nor by a type of what is loaded when it is needed',
    );
    t.strictSame(findExcesses(workspace(t, { ...files, 'new/a.ts': '' }, { rooms })).slice(0, 1), [
      `${SOURCES}/new/a.ts: its room is not in budgets.json.`,
    ]);
    t.strictSame(findExcesses(workspace(t, { 'low/a.ts': '' }, { rooms })), [
      `${SOURCES}: its room high in budgets.json does not exist.`,
    ]);
  },
);

t.test(
  'a room that stays apart from another imports nothing from it, but for what its row says',
  async (t) => {
    const files = {
      'a/x.ts': "import '../b/x.ts';\n",
      'b/x.ts': "import '../a/y.ts';\n",
      'a/y.ts': '',
      'f/one/x.ts': "import './y.ts';\nimport '../two/x.ts';\nimport '../../b/x.ts';\n",
      'f/one/y.ts': "load<typeof import('../../b/y.ts')>('y');\n",
      'f/two/x.ts': '',
      'f.ts': "import './f/one/x.ts';\nimport './f/two/x.ts';\n",
    };
    const apart = {
      [SOURCES]: [
        { room: 'b', from: ['a'] },
        { room: 'f/*', from: ['f/*', 'b'], but: ['b/x.ts'] },
      ],
    };
    t.strictSame(findExcesses(workspace(t, files, { apart })).toSorted(), [
      `${SOURCES}/b/x.ts: imports ${SOURCES}/a/y.ts, which its room stays apart from.`,
      `${SOURCES}/f/one/x.ts: imports ${SOURCES}/f/two/x.ts, which its room stays apart from.`,
      `${SOURCES}/f/one/y.ts: imports ${SOURCES}/b/y.ts, which its room stays apart from.`,
    ]);
  },
);

t.test(
  'what a browser loads is of the page, of its rooms of the core, or at the root of a part',
  async (t) => {
    const files = {
      'page/a.ts': "import { b } from '../core/both/b.ts';\nimport '../parts/x/part.ts';\n",
      'core/both/b.ts': "import type { S } from '../server/s.ts';\nexport { s } from '../server/s.ts';\n",
      'core/server/s.ts': '',
      'parts/x/part.ts': '',
      'parts/x/page/v.ts': "const later = () => import('../server/r.ts');\n",
      'parts/x/server/r.ts': "import '../../../core/server/s.ts';\n",
    };
    const browser = { folder: SOURCES, page: ['page', 'parts/*/page'], core: ['core/both'] };
    t.strictSame(findExcesses(workspace(t, files, { browser })).toSorted(), [
      `${SOURCES}/core/both/b.ts: loads ${SOURCES}/core/server/s.ts in a browser.`,
      `${SOURCES}/parts/x/page/v.ts: loads ${SOURCES}/parts/x/server/r.ts in a browser.`,
    ]);
  },
);

t.test('a package is named that a room may not import, for its types alone too', async (t) => {
  const files = {
    'low/a.ts':
      "import type { B } from '@one/b';\nimport { c } from 'c/part';\nimport { join } from 'node:path';\n",
    'high/b.ts': "import { b } from '@one/b';\nawait import('c');\n",
  };
  const outside = { [SOURCES]: { low: ['c'], high: ['@one/b', 'c'] } };
  t.strictSame(findExcesses(workspace(t, files, { outside })), [
    `${SOURCES}/low/a.ts: its room may not import @one/b.`,
  ]);
  t.strictSame(findExcesses(workspace(t, { 'new/a.ts': "import 'c';\nimport c from 'c';\n" }, { outside })), [
    `${SOURCES}/new/a.ts: its room may not import c.`,
  ]);
});

t.test('a part imports only from parts that it needs, and no circle of them', async (t) => {
  const door = (needs: string) => `export const part = { name: 'x', needs: [${needs}] };\n`;
  const files = {
    'parts/a/part.ts': door("'b'"),
    'parts/a/a.ts': "import '../b/b.ts';\nimport '../c/c.ts';\n",
    'parts/b/part.ts': door(''),
    'parts/b/b.ts': '',
    'parts/c/part.ts': door(''),
    'parts/c/c.ts': '',
  };
  const parts = { folder: `${SOURCES}/parts` };
  t.strictSame(findExcesses(workspace(t, files, { parts })), [
    `${SOURCES}/parts/a/a.ts: its part does not need c (part.ts), and imports it.`,
  ]);
  const needed = { ...files, 'parts/a/part.ts': door("'b', 'c'") };
  const outside = { ...needed, '../../two/src/x.ts': "import '../../one/src/parts/b/b.ts';\n" };
  t.strictSame(findExcesses(workspace(t, outside, { parts })), [
    `packages/two/src/x.ts: imports ${SOURCES}/parts/b/b.ts, which is inside of a part.`,
  ]);
  t.strictSame(findExcesses(workspace(t, needed, { parts })), []);
  const circle = { ...needed, 'parts/c/part.ts': door("'a'") };
  t.strictSame(findExcesses(workspace(t, circle, { parts })), [
    `${SOURCES}/parts: a, c need each other in a circle.`,
  ]);
});
