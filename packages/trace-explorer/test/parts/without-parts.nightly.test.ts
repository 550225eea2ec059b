import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';

const ROOT = join(import.meta.dirname, '../../../..');
const EXPLORER = 'packages/trace-explorer';
const REMOVED = ['sampling', 'check', 'saved-trace'];
const LISTS = ['parts.node.ts', 'page/parts.ts'];

/** The workspace as it is committed or changed. Its own packages are those of the copy, all others are linked. */
function copyWorkspace(copy: string): void {
  const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
  for (const path of tracked.filter((each) => each !== '' && existsSync(join(ROOT, each)))) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(ROOT, path), join(copy, path));
  }
  const manifests = tracked.filter((path) => /^(?:(?:packages|services)\/[^/]+\/)?package\.json$/.test(path));
  for (const folder of manifests.map((path) => join(dirname(path), 'node_modules')))
    cpSync(join(ROOT, folder), join(copy, folder), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !['.pnpm', '.cache'].includes(basename(path)),
    });
  symlinkSync(join(ROOT, 'node_modules/.pnpm'), join(copy, 'node_modules/.pnpm'), 'junction');
}

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
    const typesOf = async (...args: string[]) => {
      const tsc = join(copy, 'node_modules/typescript/bin/tsc');
      const run = promisify(execFile)(process.execPath, [tsc, '--noEmit', ...args], { cwd: copy });
      return (await run.catch((error: { stdout: string }) => error)).stdout;
    };
    for (const part of REMOVED)
      for (const folder of ['src', 'test'])
        rmSync(join(copy, EXPLORER, folder, 'parts', part), { recursive: true, force: true });
    t.match(await typesOf(), `${EXPLORER}/src/parts.node.ts`, 'a line in a list that names no part is found');
    for (const list of LISTS) {
      const path = join(copy, EXPLORER, 'src', list);
      writeFileSync(path, REMOVED.reduce(withoutPart, readFileSync(path, 'utf8')));
    }
    t.equal(await typesOf(), '');
    t.equal(await typesOf('-p', join(EXPLORER, 'test/page')), '');
  },
);
