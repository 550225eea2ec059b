import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import { nodeParts } from '../packages/trace-explorer/src/parts.node.ts';
import { ROOT } from './helpers/processes.ts';

const EXPLORER = 'packages/trace-explorer';
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** What the explorer says to `--help`: its own, or a command's. */
const help = (...command: readonly string[]) =>
  execFileSync(process.execPath, [join(ROOT, EXPLORER, 'src/main.ts'), ...command, '--help'], {
    encoding: 'utf8',
  });

const commands = [...help().matchAll(/^ {2}trace-explorer ([a-z]+)/gm)].map(([, name = '']) => name);
const options = (text: string) => new Set(text.match(/(?<![\w-])--[a-z][a-z-]*/g));
const sorted = (names: Iterable<string>) => [...new Set(names)].toSorted();

t.test('every path that a decision names exists', async (t) => {
  const tracked = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).split('\n');
  const PATH =
    /`((?:[\w.-]+\/)*[\w.-]+\.(?:ts|js|json|yaml)|(?:packages|services|scripts|test|deploy)\/[\w./-]+)`/g;
  const named = globSync('docs/adr/*.md', { cwd: ROOT }).flatMap((page) =>
    [...read(page).matchAll(PATH)].map(([, path = '']) => ({ page, path })),
  );
  t.ok(named.length > 15);
  for (const { page, path } of named)
    t.ok(
      tracked.some((file) => `/${file}/`.includes(`/${path.replace(/\/$/, '')}/`)),
      `${page}: ${path}`,
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

t.test('each "at most" of a document is the number of its constant', async (t) => {
  const SRC = `${EXPLORER}/src`;
  const claims: readonly (readonly [page: string, words: string, file: string, constant: string])[] = [
    [
      'docs/reference/limits.md',
      'at most 2,048 spans',
      `${SRC}/core/receiver/decode/decode-parts.ts`,
      'PART_ITEMS',
    ],
    ['docs/reference/limits.md', 'at most 5,000 spans', `${SRC}/parts/agents/page/read.ts`, 'MOST_SPANS'],
    ['docs/reference/limits.md', 'at most 80 calls', `${SRC}/parts/map/page/index.tsx`, 'MOST_CALLS'],
    ['docs/reference/query.md', 'at most 200;', `${SRC}/core/traces/api/export-routes.ts`, 'MAX_IDS'],
    [
      'docs/reference/query.md',
      'at most 16 deep',
      `${SRC}/core/query/saved-fields/field-list.ts`,
      'MAX_CHAIN',
    ],
    [
      'docs/reference/query.md',
      'at most 500 of each kind',
      `${SRC}/core/query/saved-fields/field-list.ts`,
      'MAX_SAVED',
    ],
    ['docs/reference/api.md', 'at most 500 per 0.1 s', `${SRC}/core/logs/tail-routes.ts`, 'MAX_LOGS'],
    ['docs/reference/verify.md', 'up to 5,000', `${SRC}/parts/verify/server/sample.ts`, 'MOST'],
    ['docs/reference/limits.md', '22,000, over all', `${SRC}/core/store/table/catalogue.ts`, 'MAX_NAMES'],
    ['docs/reference/limits.md', '250,000', `${SRC}/core/traces/read/read-records.ts`, 'MAX_TRACE_SPANS'],
    [
      'docs/reference/api.md',
      'up to 20,000 spans',
      `${SRC}/parts/saved-trace/server/collect-trace.ts`,
      'MAX_SAVED_SPANS',
    ],
    [
      'docs/adr/0008-delivery.md',
      '16 requests under way',
      'packages/telemetry/src/road/delivery/outbox.ts',
      'MAX_UNDER_WAY',
    ],
    [
      'docs/adr/0008-delivery.md',
      'within 150 ms',
      'packages/telemetry/src/road/delivery/outbox.ts',
      'LATE_AFTER_MS',
    ],
    [
      'docs/adr/0010-explorer-store.md',
      '32,768 rows',
      `${SRC}/core/store/table/database.ts`,
      'ROW_GROUP_ROWS',
    ],
    [
      'docs/adr/0015-circuit-breaker.md',
      'at least 450 ms',
      'services/activities-api/src/user-lookup/client.ts',
      'MIN_TELLING_MS',
    ],
  ];
  const digits = (text: string) => /\d+/.exec(text.replaceAll(/[,_]/g, ''))?.[0];
  for (const [page, words, file, constant] of claims) {
    t.ok(read(page).includes(words), `${page}: ${words}`);
    const [, value = ''] =
      new RegExp(`^(?:export )?const ${constant} = ([\\d_]+);`, 'm').exec(read(file)) ?? [];
    t.equal(digits(value), digits(words), `${page}: ${words}`);
  }
});
