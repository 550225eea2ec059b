import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { nodeParts } from '../../packages/trace-explorer/src/parts.node.ts';
import { ROOT } from '../helpers/processes.ts';

const EXPLORER = 'packages/trace-explorer';
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** What the explorer says to `--help`: its own, or a command's. */
const help = (...command: readonly string[]) =>
  execFileSync(process.execPath, [join(ROOT, EXPLORER, 'start.js'), ...command, '--help'], {
    encoding: 'utf8',
    env: { ...process.env, TANDEM: '' }, // as of the package
  });

const commands = [...help().matchAll(/^ {2}trace-explorer ([a-z]+)/gm)].map(([, name = '']) => name);
const options = (text: string) => new Set(text.match(/(?<![\w-])--[a-z][a-z-]*/g));
const sorted = (names: Iterable<string>) => [...new Set(names)].toSorted();

t.test('every path that a document names exists', async (t) => {
  const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
  const IN_DECISIONS =
    /`((?:[\w.-]+\/)*[\w.-]+\.(?:ts|js|json|yaml)|(?:packages|services|scripts|test|deploy)\/[\w./-]+)`/g;
  const FROM_ROOT = /`((?:packages|services|scripts|test|deploy)\/[\w./-]+)`/g;
  const namedIn = (pages: string, pattern: RegExp) =>
    globSync(pages, { cwd: ROOT }).flatMap((page) =>
      Array.from(read(page).matchAll(pattern), ([, path = '']) => ({ page, path })),
    );
  const named = [
    ...namedIn('docs/adr/*.md', IN_DECISIONS),
    ...namedIn('{README,ARCHITECTURE,CONTRIBUTING}.md', FROM_ROOT),
  ];
  t.ok(named.length > 15);
  const isThere = ({ path }: { path: string }) =>
    // `test/parts/NAME`
    /\b[A-Z]+\b/.test(path) || tracked.some((file) => `/${file}/`.includes(`/${path.replace(/\/$/, '')}/`));
  t.strictSame(
    named.filter((each) => !isThere(each)),
    [],
  );
});

t.test('--help of the explorer has every command, and SKILL.md only commands of it', async (t) => {
  const registered = nodeParts.flatMap(({ commands = {} }) => Object.keys(commands));
  t.strictSame(sorted(commands), sorted(registered));
  for (const [, name = ''] of read(`${EXPLORER}/SKILL.md`).matchAll(/^\| `trace-explorer ([a-z]+)/gm))
    t.ok(registered.includes(name), name);
});

t.test('every option that a document types is one of its command', async (t) => {
  const documents = globSync(['*.md', 'docs/**/*.md', 'packages/*/README.md', 'examples/*/README.md'], {
    cwd: ROOT,
  });
  const CALL = new RegExp(`(?:node tandem|pnpm|trace-explorer) (${commands.join('|')})\\b([^\\n#|]*)`, 'g');
  const known = new Map(
    commands.map((name) => [name, options(help(name) + (name === 'trace' ? help('trace', 'delete') : ''))]),
  );
  const typed = documents.flatMap((page) =>
    [...read(page).matchAll(/^```sh\n(.*?)^```/gms)].flatMap(([, block = '']) =>
      [...block.matchAll(CALL)].flatMap(([, name = '', rest = '']) =>
        [...options(rest.split(' -- ')[0]?.split(' "')[0] ?? '')].map((option) => ({ page, name, option })),
      ),
    ),
  );
  t.ok(typed.length > 10);
  for (const { page, name, option } of typed)
    t.ok(known.get(name)?.has(option), `${page}: ${name} ${option}`);
});

t.test('git sees nothing of what npm writes into an example', async (t) => {
  for (const manifest of globSync('examples/*/package.json', { cwd: ROOT })) {
    const written = ['package-lock.json', 'node_modules/'].map((name) => `${dirname(manifest)}/${name}`);
    const ignored = execFileSync('git', ['check-ignore', ...written], { cwd: ROOT, encoding: 'utf8' });
    t.strictSame(ignored.trim().split('\n'), written);
  }
});

t.test('in a service, only config.ts reads the environment', async (t) => {
  const files = globSync('services/*/src/**/*.ts', { cwd: ROOT });
  const reading = files.filter((path) => read(path).includes('process.env'));
  t.strictSame(
    reading.toSorted(),
    ['activities-api', 'user-lookup'].map((name) => `services/${name}/src/config.ts`),
  );
});
