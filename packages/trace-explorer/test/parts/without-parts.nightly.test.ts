import { cpSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { copyWorkspace, typeErrors } from '../../../../test/helpers/copied-workspace.ts';
import { freePort, ROOT, startNode } from '../../../../test/helpers/processes.ts';
import { until } from '../../../../test/helpers/until.ts';
import { parts, withDependents } from './with-dependents.ts';

const EXPLORER = 'packages/trace-explorer';
const LISTS = ['parts.node.ts', 'page/parts.ts'];

/** Its view is the page's: the core's places, the router and the frame name it, so that it stays, with all that it needs. */
const OF_THE_PAGE = 'trace';

/** Removes a part's line from a list, and the import above it. */
function withoutPart(text: string, part: string): string {
  const [line = '', name = ''] =
    new RegExp(`^import .* as (\\w+) \\} from .*/${part}/.*\\n`, 'm').exec(text) ?? [];
  return line === '' ? text : text.replace(line, '').replace(`\n  ${name},\n`, '\n');
}

/** What tests and measures a part, or several of them: it asks for more than the doors, and goes with each of them. */
const ASKERS = '{test,benchmarks,packages/*/test}/**/*.{ts,tsx,mjs}';

/** Which askers import each file, straight. */
function importersIn(root: string): ReadonlyMap<string, readonly string[]> {
  const importers = new Map<string, string[]>();
  for (const file of globSync(ASKERS, { cwd: root, exclude: (path) => path.endsWith('node_modules') }))
    for (const [, path = ''] of readFileSync(join(root, file), 'utf8').matchAll(/'(\.\.?\/[^'\n]+)'/g)) {
      const imported = join(dirname(file), path);
      importers.set(imported, [...(importers.get(imported) ?? []), file]);
    }
  return importers;
}

/** The types of the whole workspace, once for each part. */
t.setTimeout(50 * 60_000);

const copy = t.testdir();
copyWorkspace(copy);
const importers = importersIn(ROOT);

/** Takes parts out of the copy, with what asks for their inside. @returns puts them back */
function leaveOut(left: ReadonlySet<string>): () => void {
  const isOf = (path: string) =>
    [...left].some((name) =>
      ['src', 'test'].some((folder) => path.startsWith(`${EXPLORER}/${folder}/parts/${name}/`)),
    );
  const gone = new Set(globSync(`${EXPLORER}/{src,test}/parts/**/*.*`, { cwd: copy }).filter(isOf));
  // The loop also reaches files that it adds to the Set.
  for (const each of gone) for (const asker of importers.get(each) ?? []) gone.add(asker);
  for (const path of gone) rmSync(join(copy, path));
  const lists = LISTS.map((list) => join(EXPLORER, 'src', list));
  for (const list of lists)
    writeFileSync(join(copy, list), [...left].reduce(withoutPart, readFileSync(join(ROOT, list), 'utf8')));
  return () => {
    for (const path of [...gone, ...lists]) cpSync(join(ROOT, path), join(copy, path));
  };
}

/** The errors of types in the copy. */
async function errorsOfTypes(): Promise<string> {
  return (await typeErrors(copy)) + (await typeErrors(copy, '-p', join(EXPLORER, 'test/page')));
}

t.test('a line in a list that names no part is found', async (t) => {
  const putBack = leaveOut(withDependents('try'));
  cpSync(join(ROOT, EXPLORER, 'src/parts.node.ts'), join(copy, EXPLORER, 'src/parts.node.ts'));
  t.match(await errorsOfTypes(), `${EXPLORER}/src/parts.node.ts`);
  putBack();
});

for (const { name } of parts.filter((each) => !withDependents(each.name).has(OF_THE_PAGE)))
  t.test(`without ${name} and those that need it all else has its types`, async (t) => {
    const putBack = leaveOut(withDependents(name));
    t.equal(await errorsOfTypes(), '');
    putBack();
  });

t.test('`node tandem dev` starts without the part that says problems meanwhile', async (t) => {
  const putBack = leaveOut(withDependents('report'));
  const [page, api, lookup, otlp, grpc] = await Promise.all(Array.from({ length: 5 }, freePort));
  const dev = startNode(copy, ['scripts/dev.ts'], {
    DATA_DIR: join(copy, '.data'),
    EXPLORER_URL: `http://localhost:${page}`,
    BACKEND_URL: `http://localhost:${api}`,
    USER_LOOKUP_URL: `http://localhost:${lookup}`,
    OTLP_PORT: String(otlp),
    OTLP_GRPC_PORT: String(grpc),
  });
  t.teardown(() => dev.stop());
  await until(() => /Tandem runs\./.test(dev.output()), { what: dev.output });
  t.equal((await fetch(`http://localhost:${page}/api/status`)).status, 200);
  t.equal((await fetch(`http://localhost:${page}/report`)).status, 404, 'it is without the part');
  t.equal(await dev.stop('SIGINT'), 0);
  putBack();
});
