import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { copyWorkspace, typeErrors } from '../../../../test/helpers/copied-workspace.ts';

const EXPLORER = 'packages/trace-explorer';
const REMOVED = ['sampling', 'check', 'saved-trace'];
const LISTS = ['parts.node.ts', 'page/parts.ts'];

/** Removes a part's line from a list, and the import above it. */
function withoutPart(text: string, part: string): string {
  const [line = '', name = ''] =
    new RegExp(`^import .* as (\\w+) \\} from .*/${part}/.*\\n`, 'm').exec(text) ?? [];
  return line === '' ? text : text.replace(line, '').replace(`\n  ${name},\n`, '\n');
}

t.test(
  'without the folders of three parts and their lines in the lists, all else has its types',
  async (t) => {
    const copy = t.testdir();
    copyWorkspace(copy);
    for (const part of REMOVED)
      for (const folder of ['src', 'test'])
        rmSync(join(copy, EXPLORER, folder, 'parts', part), { recursive: true, force: true });
    t.match(
      await typeErrors(copy),
      `${EXPLORER}/src/parts.node.ts`,
      'a line in a list that names no part is found',
    );
    for (const list of LISTS) {
      const path = join(copy, EXPLORER, 'src', list);
      writeFileSync(path, REMOVED.reduce(withoutPart, readFileSync(path, 'utf8')));
    }
    t.equal(await typeErrors(copy), '');
    t.equal(await typeErrors(copy, '-p', join(EXPLORER, 'test/page')), '');
  },
);
