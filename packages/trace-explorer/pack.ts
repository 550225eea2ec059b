import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'tsdown';
import { writeLicences } from '../../scripts/lib/licences.ts';
import type { Pack, PackedManifest } from '../../scripts/lib/pack-package.ts';
import { packPackage } from '../../scripts/lib/pack-package.ts';
import type { Bundle } from './src/core/page-server/build-page.ts';
import { bundlePage } from './src/core/page-server/build-page.ts';
import type { BuiltPage } from './src/core/page-server/built-page.ts';
import { PAGE_FOLDER, PAGE_MANIFEST, scriptFiles } from './src/core/page-server/built-page.ts';
import { registerViews } from './src/core/places/views.ts';
import { tokens } from './src/lib/node/tokens.ts';
import { nodeParts } from './src/parts.node.ts';

/** What the command is called, and its file. */
const COMMAND = 'trace-explorer';

/** What `run` loads into processes of Node: the second by the first, in a Node that reads ES modules. */
const PRELOAD = 'preload';
const WATCH = 'watch';

/** Reads the tokens from the sources, which the package has not. */
const TOKENS_MODULE = fileURLToPath(import.meta.resolve('./src/lib/node/tokens.ts'));
/** What OpenTelemetry's SDK 2.12 takes, which the explorer depends on; telemetry by itself takes 1.10 too. */
const API_RANGE = '~1.9.0';

/** Packages of the workspace, which no registry has. */
const INLINED = /^@tandem\//;

/** What the paths of the page's sources start from. */
const SOURCES = join(import.meta.dirname, 'src');

/**
 * The server as ES modules and the page as it is served, so that nothing is built when it starts. What the server uses
 * of others is an ordinary dependency, DuckDB's library for each platform among it.
 */
export const pack: Pack = async (target) => {
  const [bundle] = await build({
    config: false,
    cwd: import.meta.dirname,
    entry: {
      [COMMAND]: fileURLToPath(import.meta.resolve('./src/main.ts')),
      [WATCH]: fileURLToPath(import.meta.resolve('./src/parts/run/command/watch.ts')),
    },
    outDir: target,
    format: 'esm',
    fixedExtension: true,
    platform: 'node',
    target: 'node22',
    dts: false,
    logLevel: 'error',
    deps: { neverBundle: true, alwaysBundle: INLINED, onlyBundle: false },
    outputOptions: { comments: false },
    inputOptions: {
      checks: { pluginTimings: false },
      plugins: [
        {
          name: 'built-page',
          resolveId: (source) =>
            source.endsWith('/build-page.ts')
              ? fileURLToPath(import.meta.resolve('./src/core/page-server/built-page.ts'))
              : null,
        },
        {
          name: 'tokens',
          load: (id) => (id === TOKENS_MODULE ? `export const tokens = ${JSON.stringify(tokens)};` : null),
        },
      ],
    },
  });
  const imported = (bundle?.chunks ?? []).flatMap((chunk) =>
    chunk.type === 'chunk' ? [...chunk.imports, ...chunk.dynamicImports] : [],
  );
  const page = await bundlePage();
  await writePage(join(target, PAGE_FOLDER), page);
  const sources = (page.sources ?? []).map((source) => join(SOURCES, source));
  await writeLicences(target, 'What the page has of others', sources);
  await cp(join(SOURCES, 'parts', 'run', 'command', `${PRELOAD}.cjs`), join(target, `${PRELOAD}.cjs`));
  await cp(join(import.meta.dirname, 'SKILL.md'), join(target, 'SKILL.md'));
  const telemetry = await addTelemetry(target);
  return {
    keywords: ['duckdb', 'honeycomb', 'opentelemetry', 'otlp', 'traces'],
    engines: { node: '>=22.15.0' },
    type: 'module',
    bin: { [COMMAND]: `./${COMMAND}.mjs` },
    imports: {
      [`#${PRELOAD}`]: `./${PRELOAD}.cjs`,
      [`#${WATCH}`]: `./${WATCH}.mjs`,
      '#skill': './SKILL.md',
      '#telemetry': './telemetry/register.cjs',
    },
    dependencies: { ...dependenciesOf(imported), ...telemetry },
  };
};

/**
 * Puts telemetry's package, which no registry has, into a folder of this one: `run` gives it to a Node app that has it not.
 * As a bundled dependency npm would leave dependencies out that the app has in another version, without an error.
 *
 * @returns the dependencies of telemetry, which are found from its folder as this package's own are
 */
async function addTelemetry(target: string): Promise<Record<string, string>> {
  const folder = join(target, 'telemetry');
  const tarball = await packPackage('telemetry', target);
  await mkdir(folder);
  await promisify(execFile)('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
  await rm(tarball);
  const { dependencies, peerDependencies, peerDependenciesMeta }: PackedManifest = JSON.parse(
    readFileSync(join(folder, 'package.json'), 'utf8'),
  );
  const peers = Object.entries(peerDependencies ?? {}).filter(
    ([name]) => Object(peerDependenciesMeta)[name]?.optional !== true,
  );
  return { ...dependencies, ...Object.fromEntries(peers), '@opentelemetry/api': API_RANGE };
}

/** Builds the page into a folder, without its source maps. */
async function writePage(folder: string, page: Bundle): Promise<void> {
  const { assets, preloads, script, styles, lastStyles, stylesOf } = page;
  const files = [...assets.keys()].filter((name) => !name.endsWith('.map'));
  const parts = nodeParts.map(({ part }) => part);
  registerViews(nodeParts);
  const views = parts.flatMap((part) => Object.keys(part.views ?? {}));
  const manifest: BuiltPage = {
    files,
    script,
    styles,
    lastStyles,
    viewStyles: Object.fromEntries(
      views.flatMap((view) => {
        const styles = stylesOf(view);
        return styles === undefined ? [] : [[view, styles]];
      }),
    ),
    preloads: Object.fromEntries(views.map((view) => [view, preloads(view)])),
  };
  await mkdir(folder);
  await writeFile(join(folder, PAGE_MANIFEST), JSON.stringify(manifest));
  for (const name of files) await writeFile(join(folder, name), assets.get(name)?.plain ?? '');
  for (const part of parts.filter(({ script }) => script !== undefined)) {
    const { script, styles } = await page.scriptOf(part);
    await writeFile(join(folder, scriptFiles(part).script), script);
    await writeFile(join(folder, scriptFiles(part).styles), styles);
  }
}

/** Where versions are looked up: what the server imports, this package or one that is inlined depends on. */
const FOLDERS = ['.', '../service-kit', '../telemetry'].map((folder) => join(import.meta.dirname, folder));

/** DuckDB's API and its library, and OpenTelemetry's packages, fit each other in one version only. */
const EXACT = /^@(?:duckdb|opentelemetry)\//;

/** Loaded by name when it is needed, which no list of imports has. */
const REQUIRED = ['@opentelemetry/instrumentation-mongodb', 'fast-json-stringify'];

/** The packages among what is imported, in the versions that are installed here. */
function dependenciesOf(imported: readonly string[]): Record<string, string> {
  const names = imported.filter((name) => !isBuiltin(name) && !name.endsWith('.mjs')).map(packageNameOf);
  return Object.fromEntries(
    [...new Set([...names, ...REQUIRED])]
      .toSorted()
      .map((name) => [name, `${EXACT.test(name) ? '' : '^'}${versionOf(name)}`]),
  );
}

/** `@scope/name` of `@scope/name/part`. */
function packageNameOf(imported: string): string {
  return /^(?:@[^/]+\/)?[^/]+/.exec(imported)?.[0] ?? imported;
}

/** @throws Error for a package that neither folder depends on */
function versionOf(name: string): string {
  for (const folder of FOLDERS) {
    const manifest = join(folder, 'node_modules', name, 'package.json');
    if (existsSync(manifest)) return JSON.parse(readFileSync(manifest, 'utf8')).version;
  }
  throw new Error(`${name} is imported, and is no dependency of ${FOLDERS.join(' or ')}.`);
}
