import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { readSettings } from '../packages/telemetry/src/settings/index.ts';
import { INGEST_KEY } from '../packages/telemetry/test/honeycomb/fake-honeycomb.ts';
import { readConfig as readExplorerConfig } from '../packages/trace-explorer/src/config.ts';
import { readConfig as readActivitiesConfig } from '../services/activities-api/src/config.ts';
import { readConfig as readUserLookupConfig } from '../services/user-lookup/src/config.ts';
import { ROOT } from './helpers/processes.ts';

const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
const pages = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', ...docs.map((name) => `docs/${name}`)];
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

t.test('.env.example names exactly the variables that the configurations read', async (t) => {
  const asked = new Set<string>();
  const recording = (values: Readonly<Record<string, string>>) =>
    new Proxy<Record<string, string | undefined>>(values, {
      get(known, name) {
        asked.add(String(name));
        return known[String(name)];
      },
    });
  const env = recording({});
  readSettings(env, join(ROOT, 'services', 'user-lookup'));
  readSettings(recording({ HONEYCOMB_API_KEY: INGEST_KEY }), ROOT); // what goes with a key is read with a key only
  readActivitiesConfig(env);
  readUserLookupConfig(env);
  readExplorerConfig(env);
  const named = new Set([...read('.env.example').matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map((match) => match[1]));
  t.strictSame([...named].toSorted(), [...asked].toSorted());
});

t.test('a process starts with .env.example as its environment', async (t) => {
  const env = Object.fromEntries(
    [...read('.env.example').matchAll(/^([A-Z][A-Z0-9_]*)=(.*)$/gm)].map((match) => [match[1], match[2]]),
  );
  t.doesNotThrow(() => {
    readSettings(env, join(ROOT, 'services', 'user-lookup'));
    readActivitiesConfig(env);
    readUserLookupConfig(env);
    readExplorerConfig(env);
  });
});

t.test('every command in the documentation exists', async (t) => {
  const benchmarks = readdirSync(join(ROOT, 'benchmarks'));
  for (const page of pages) {
    for (const [, name, argument] of read(page).matchAll(
      /\bpnpm(?:@[\d.]+)? (?:run )?([a-z][a-z:]*)(?: ([a-z-]+))?/g,
    )) {
      if (name === undefined || name === 'install') continue;
      t.ok(name in manifest.scripts, `${page}: pnpm ${name}`);
      if (name === 'bench' && argument !== undefined && argument !== 'and') {
        t.ok(benchmarks.includes(`${argument}.ts`), `${page}: pnpm bench ${argument}`);
      }
    }
    for (const [, version] of read(page).matchAll(/pnpm@([\d.]+\d)/g)) {
      t.equal(`pnpm@${version}`, manifest.packageManager, `${page} names the pinned pnpm`);
    }
  }
});

t.test('every link between the documents and every picture in them leads somewhere', async (t) => {
  for (const page of pages) {
    for (const [, link, picture] of read(page).matchAll(
      /\]\((?!https?:|#)([^)#\s]+)|\bsrc(?:set)?="([^"]+)"/g,
    )) {
      const target = link ?? picture ?? '';
      t.ok(existsSync(join(ROOT, page, '..', target)), `${page}: ${target}`);
    }
  }
});

t.test('the lock file names no registry', async (t) => {
  t.notMatch(read('pnpm-lock.yaml'), /https?:\/\//);
});
