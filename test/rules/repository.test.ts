import { execFileSync } from 'node:child_process';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import t from 'tap';
import { readSettings } from '../../packages/telemetry/src/process/settings/index.ts';
import { INGEST_KEY } from '../../packages/telemetry/test/service/doctor/honeycomb/fake-honeycomb.ts';
import { readConfig as readExplorerConfig } from '../../packages/trace-explorer/src/core/config.ts';
import { settingsOf } from '../../packages/trace-explorer/src/core/serve/config-of.ts';
import { VERSION } from '../../packages/trace-explorer/src/lib/version.ts';
import { nodeParts } from '../../packages/trace-explorer/src/parts.node.ts';
import { GENERATED } from '../../scripts/lib/documents/generated.ts';
import { SETTINGS } from '../../scripts/lib/documents/settings.ts';
import { RELEASED, SCOPE } from '../../scripts/lib/release.ts';
import { readConfig as readActivitiesConfig } from '../../services/activities-api/src/config.ts';
import { readConfig as readUserLookupConfig } from '../../services/user-lookup/src/config.ts';
import { ROOT } from '../helpers/processes.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const guides = globSync(
  [
    '{README,CONTRIBUTING,ARCHITECTURE}.md',
    '.github/{SECURITY,RELEASING}.md',
    'benchmarks/{,*/}README.md',
    'docs/{,guide/,reference/}*.md',
    '{packages,services}/*/README.md',
  ],
  {
    cwd: ROOT,
  },
);
const decisions = globSync('docs/adr/*.md', { cwd: ROOT });
const tests = globSync(['test/**/*.ts', '{packages,services}/*/{test,src/service/testing}/**/*.{ts,tsx}'], {
  cwd: ROOT,
});
const manifest: { scripts: Record<string, string>; packageManager: string } = JSON.parse(
  read('package.json'),
);

t.test('one version of each @opentelemetry package is installed', async (t) => {
  const versions = new Map<string, Set<string>>();
  for (const folder of readdirSync(join(ROOT, 'node_modules', '.pnpm'))) {
    const [, name, version] = /^(@opentelemetry\+[^@]+)@([^_(]+)/.exec(folder) ?? [];
    if (name === undefined || version === undefined) continue;
    versions.set(name, (versions.get(name) ?? new Set()).add(version));
  }
  t.ok(versions.has('@opentelemetry+api'));
  for (const [name, found] of versions) t.equal(found.size, 1, `${name}: ${[...found].join(', ')}`);
});

const ofParts = await settingsOf(nodeParts);

t.test('docs/reference/settings.md names exactly the variables that the configurations read', async (t) => {
  const asked = new Set<string>();
  const recording = (values: Readonly<Record<string, string>>) =>
    new Proxy<Record<string, string | undefined>>(values, {
      get(known, name) {
        asked.add(String(name));
        return known[String(name)];
      },
    });
  const env = recording({});
  readSettings(recording({ OTEL_TRACES_SAMPLER: 'consistent_probability' }), { directory: ROOT }); // reads its argument
  readSettings(env, { directory: join(ROOT, 'services', 'user-lookup') });
  readSettings(recording({ HONEYCOMB_API_KEY: INGEST_KEY }), { directory: ROOT }); // what goes with a key is read with a key only
  readActivitiesConfig(env);
  readUserLookupConfig(env);
  readExplorerConfig(env, ofParts);
  const own = [...asked].filter((name) => !name.startsWith('TANDEM_RUN_')); // `run` tells these to its command
  const named = read('docs/reference/settings.md').matchAll(/^\| `([A-Z][A-Z0-9_]*)`/gm);
  t.strictSame(new Set([...named].map(([, name]) => name).toSorted()), new Set(own.toSorted()));
});

t.test(
  '.env.example has only variables of the list, each below one line that says what it is for',
  async (t) => {
    const listed = Object.values(SETTINGS).flatMap((settings) => settings.map(({ name }) => name));
    const [head = '', ...parts] = read('.env.example').split(/\n(?=# )/);
    t.match(head, '# Copy to .env');
    const names = parts.flatMap((part) => /^# .+\n([A-Z_]+)=.*\n*$/.exec(part)?.[1] ?? []);
    t.equal(names.length, read('.env.example').match(/^\w+=/gm)?.length);
    for (const name of names) t.ok(listed.includes(name), name);
  },
);

for (const [path, make] of Object.entries(GENERATED))
  t.test(`${path} is what the code and the results say`, async (t) => {
    t.equal(read(path), make(), 'run `node tandem documents`');
  });

t.test('a process starts with .env.example as its environment', async (t) => {
  const env = Object.fromEntries(
    [...read('.env.example').matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm)].map((match) => [match[1], match[2]]),
  );
  t.doesNotThrow(() => {
    readSettings(env, { directory: join(ROOT, 'services', 'user-lookup') });
    readActivitiesConfig(env);
    readUserLookupConfig(env);
    readExplorerConfig(env, ofParts);
  });
});

t.test('every command in the documentation exists, and needs no pnpm', async (t) => {
  for (const page of [...guides, '.env.example']) {
    const text = read(page);
    for (const [, name = '', argument] of text.matchAll(
      /\bnode (?:\.\.\/)*tandem ([a-z][a-z:-]*)(?: ([a-z-]+))?/g,
    )) {
      t.ok(name === 'install' || name in manifest.scripts, `${page}: node tandem ${name}`);
      if (name === 'bench' && argument !== undefined && argument !== 'and') {
        t.ok(
          existsSync(join(ROOT, 'benchmarks', argument, 'main.ts')),
          `${page}: node tandem bench ${argument}`,
        );
      }
    }
    for (const [, before = '', name = ''] of text.matchAll(
      /(.*)\bpnpm(?:@[\d.]+)? (?:run )?([a-z][a-z:-]*)/g,
    )) {
      if (name in manifest.scripts) t.match(before, /with pnpm,? `$|# or $/, `${page}: pnpm ${name}`);
    }
  }
});

t.test(
  'documents name the oldest Node of the tarballs, of the launcher and of the pair, and no other',
  async (t) => {
    const [packages = '', ...others] = ['telemetry', 'trace-explorer'].map(
      (name) => /engines: \{ node: '>=([\d.]+)\.0' \}/.exec(read(`packages/${name}/pack.ts`))?.[1] ?? '',
    );
    t.strictSame(others, [packages]);
    const [, launcher = ''] = /OLDEST_NODE = (\d+)/.exec(read('tandem.js')) ?? [];
    const oldest = [launcher, '22.18', packages, '24'];
    for (const page of guides)
      for (const [said, version = ''] of read(page).matchAll(/\bNode(?:\.js)? ([\d.]+) (?:or|and) newer/g))
        t.ok(oldest.includes(version), `${page}: ${said}`);
  },
);

t.test('the packages say one version each, in manifest and code, and one scope', async (t) => {
  const manifestOf = (name: string): { name: string; version: string } =>
    JSON.parse(read(`packages/${name}/package.json`));
  const [, scopes] = /SCOPE_VERSION = '([^']+)'/.exec(read('packages/telemetry/src/common/tracer.ts')) ?? [];
  t.equal(manifestOf('telemetry').version, scopes, 'the scope of spans');
  t.equal(manifestOf('trace-explorer').version, VERSION, '--version, the page and MCP');
  for (const name of ['otlp', 'service-kit', 'telemetry', 'trace-explorer'])
    t.equal(manifestOf(name).name, `${SCOPE}/${name}`, 'run `node tandem documents`');
});

t.test('before the release nothing tells a reader to run a name that anybody may own', async (t) => {
  if (RELEASED) return;
  const files = execFileSync('git', ['ls-files'], { cwd: ROOT, encoding: 'utf8' }).trim().split('\n');
  const told =
    /npx (?:(?:-y|--yes) )?(?:@tandem\/(?:telemetry|trace-explorer)|trace-explorer|telemetry-doctor)\b/;
  t.match('npx trace-explorer run', told);
  const telling = files.filter(
    (path) =>
      /\.(?:md|ya?ml|tsx?|json)$/.test(path) &&
      !/(?:^|\/)test\//.test(path) &&
      path !== 'scripts/lib/documents/release.ts' &&
      told.test(read(path)),
  );
  t.strictSame(telling, []);
});

t.test('every named version of pnpm is the pinned one', async (t) => {
  for (const page of [...guides, '.ci/run', 'Dockerfile'])
    for (const [, version] of read(page).matchAll(/pnpm@([\d.]+\d)/g))
      t.equal(`pnpm@${version}`, manifest.packageManager, page);
});

t.test('every link, heading and picture of the documents exists', async (t) => {
  for (const page of [...guides, ...decisions]) {
    for (const [, link = '', heading, picture] of read(page).matchAll(
      /\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)|\bsrc(?:set)?="(?!https?:)([^"]+)"/g,
    )) {
      const target = link === '' && picture === undefined ? page : join(page, '..', picture ?? link);
      t.ok(existsSync(join(ROOT, target)), `${page}: ${target}`);
      if (heading !== undefined && target.endsWith('.md') && existsSync(join(ROOT, target)))
        t.ok(headingsOf(target).includes(heading), `${page}: ${target}#${heading}`);
    }
  }
});

t.test('docs/README.md has every page below docs/ once, itself or by a page that it lists', async (t) => {
  const isPage = (path: string) => path.startsWith('docs/') && path !== 'docs/README.md';
  const linksOf = (page: string) =>
    Array.from(read(page).matchAll(/\]\((?!https?:)([^)#\s]+\.md)(?:#[^)\s]+)?\)/g), ([, link = '']) =>
      join(page, '..', link),
    ).filter(isPage);
  const listed = linksOf('docs/README.md');
  t.strictSame(listed.toSorted(), [...new Set(listed)].toSorted(), 'none is there twice');
  const found = new Set([...listed, ...listed.flatMap(linksOf)]);
  const pages = globSync('docs/**/*.md', { cwd: ROOT }).filter(isPage);
  t.strictSame(pages.filter((page) => !found.has(page)).toSorted(), []);
  const texts = pages.map(read).join('\n');
  const others = globSync('docs/**/*.*', { cwd: ROOT, exclude: ['docs/images', 'docs/openapi', '**/*.md'] });
  t.ok(others.length > 0, 'there are files that pages use');
  for (const file of others) t.ok(texts.includes(basename(file)), `${file} is named in a page`);
});

t.test('packages import only packages below them, and no service', async (t) => {
  const below: Readonly<Record<string, readonly string[]>> = {
    'packages/otlp': [],
    'packages/own-node': [],
    'packages/telemetry': ['otlp'],
    'packages/service-kit': ['telemetry'],
    'packages/trace-explorer': ['otlp', 'service-kit', 'telemetry'],
    'services/activities-api': ['service-kit', 'telemetry'],
    'services/user-lookup': ['service-kit'],
  };
  t.strictSame(
    globSync('{packages,services}/*/', { cwd: ROOT })
      .map((path) => path.replace(/\/$/, ''))
      .toSorted(),
    Object.keys(below).toSorted(),
  );
  for (const [folder, allowed] of Object.entries(below)) {
    const { dependencies = {} }: { dependencies?: Record<string, string> } = JSON.parse(
      read(`${folder}/package.json`),
    );
    const workspace = Object.keys(dependencies).flatMap((name) => /^@tandem\/(.*)/.exec(name)?.[1] ?? []);
    t.strictSame(workspace.toSorted(), allowed, folder);
    const outside = globSync(`${folder}/src/**/*.{ts,tsx}`, { cwd: ROOT }).flatMap((file) =>
      [...read(file).matchAll(/\bfrom '(\.[^']+)'/g)]
        .filter(([, path = '']) => !join(file, '..', path).startsWith(`${folder}/`))
        .map(([statement]) => `${file}: ${statement}`),
    );
    t.strictSame(outside, [], `files of ${folder} import from it and from packages`);
  }
});

t.test('scripts import nothing of tests, benchmarks and templates', async (t) => {
  const imports = globSync('scripts/**/*.ts', { cwd: ROOT }).flatMap((file) =>
    Array.from(
      read(file).matchAll(/(?:\bfrom|\bimport|\bresolve)\s*\(?\s*'(\.[^']+)'/g),
      ([, path = '']) => `${file}: ${join(file, '..', path)}`,
    ),
  );
  t.ok(imports.length > 0);
  t.strictSame(
    imports.filter((line) => /: (?:test|benchmarks|templates)\//.test(line)),
    [],
  );
});

t.test('a test with a part for the night says so, for `test:nightly`', async (t) => {
  const others = /\.(?:nightly|browser)\.test\.ts$/; // looks.nightly.test.ts has all tests of the page
  const hasOwn = (file: string) =>
    existsSync(join(ROOT, file.replace(/(?:\.system)?\.test\.ts$/, '.nightly.test.ts')));
  for (const file of tests.filter((path) => path.endsWith('.test.ts') && !others.test(path) && !hasOwn(path)))
    if (/\b(?:IS_NIGHT|atNight)\b.* from '.*nightly\.ts'/.test(read(file)))
      t.match(read(file), /^\/\/ At night too: .+\.$/m, file);
});

/** The headings of a document, as links to them are written on GitHub. */
function headingsOf(page: string): string[] {
  return [...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

t.test('lib and http of the explorer know nothing of it', (t) => {
  const own = /EXPLORER_|_NOT_FOUND|STORE_|DuckDB|sample rate|problems\./;
  const files = globSync('packages/trace-explorer/src/{lib,http}/**/*.ts', { cwd: ROOT });
  t.ok(files.length > 40);
  t.strictSame(
    files.filter((file) => own.test(read(file))),
    [],
  );
  t.end();
});

t.test('every loop in a test has a limit: tests wait with `until`', async (t) => {
  const unlimited = /\bwhile \(|\bdo \{|\bfor \([^;\n]*; ?;/;
  for (const sample of ['while (!done) await sleep(5);', 'for (;;) {', 'for (let i = 0; ; i++) {', 'do {'])
    t.match(sample, unlimited);
  t.ok(tests.includes('test/helpers/until.ts'));
  const waiting = tests.filter((file) =>
    unlimited.test(read(file).replace(/^.*const unlimited = .*$|^.*for \(const sample of .*$/gm, '')),
  );
  t.strictSame(waiting, []);
});

t.test('workflows name every action by the hash of its commit, with its version beside it', async (t) => {
  const workflows = '.github/workflows/*.yml';
  const uses = globSync([workflows, `templates/*/${workflows}`, 'docs/**/*.md'], { cwd: ROOT }).flatMap(
    (path) =>
      [...read(path).matchAll(/^ *- (?:.*\b)?uses: .*$/gm)].map(([line]) => `${path}: ${line.trim()}`),
  );
  t.ok(uses.length > 10, 'the workflows use actions');
  for (const line of uses) t.match(line, /@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
});

t.test('the lock file names no registry', async (t) => {
  t.notMatch(read('pnpm-lock.yaml'), /https?:\/\//);
});
