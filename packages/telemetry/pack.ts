import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Rolldown } from 'tsdown';
import { build } from 'tsdown';
import { writeLicences } from '../../scripts/lib/licences.ts';
import type { Pack } from '../../scripts/lib/pack-package.ts';
import { ROOT } from '../../tools/root.ts';
import { ENTRIES, PARTS } from './entries.ts';

/** The file that entries share. */
const SHARED = 'telemetry';

/** What the command `telemetry-doctor` runs. */
const DOCTOR = 'doctor-command';

/**
 * Packages whose used code is in the tarball: OTLP's wire, and OpenTelemetry's SDK, exporters and instrumentation of undici.
 * As dependencies, SDK 2 and SDK 3 would each install an API of their own. A service with the other SDK would have two
 * copies of the API, and no copy sees spans of the other.
 */
const INLINED =
  /^(?:@tandem\/[\w-]+|@opentelemetry\/(?!api(?:$|\/)|instrumentation-fastify)[\w-]+|require-in-the-middle|import-in-the-middle$|module-details-from-path|debug|ms)(?:\/|$)/;

/** A CommonJS package, which the bundler takes whole. Only the file of the used context manager goes into the tarball. */
const CONTEXT_MANAGERS = '@opentelemetry/context-async-hooks';
const CONTEXT_MANAGER = fileURLToPath(
  import.meta.resolve(`${CONTEXT_MANAGERS}/build/src/AsyncLocalStorageContextManager.js`),
);

/**
 * The instrumentation of undici is CommonJS: of a package that it requires, the bundler takes all. It uses names of these
 * two files of the conventions only.
 */
const CONVENTIONS = '@opentelemetry/semantic-conventions';
const conventions = dirname(fileURLToPath(import.meta.resolve('@opentelemetry/semantic-conventions')));
const stableConventions = join(conventions, 'stable.cjs');
const onlyStable: Rolldown.Plugin = {
  name: 'stable-conventions',
  resolveId: (name, _importer, { kind }) =>
    name === CONVENTIONS && kind === 'require-call' ? stableConventions : null,
  load: (id) =>
    id === stableConventions
      ? `module.exports = { ...require('./stable_attributes.cjs'), ...require('./stable_metrics.cjs') };`
      : null,
};

/** Packages for what few services use. `features/lifecycle/lifecycle-spans.ts` loads those of TRACE_FASTIFY_LIFECYCLE. */
const OPTIONAL_PEERS = {
  '@opentelemetry/instrumentation-fastify': '>=0.57.0',
  fastify: '^5.0.0 || ^6.0.0-alpha.0',
  'import-in-the-middle': '^3.0.0',
  kysely: '>=0.28.0',
};

/** The URL of the code's file; in a bundle of ES modules, which has no such name, of the process's folder. */
const OWN_FILE = 'TELEMETRY_FILE';
const FIND_OWN_FILE = `const ${OWN_FILE}=process.getBuiltinModule('url').pathToFileURL(typeof __filename=='string'?__filename:process.cwd()+'/').href;`;

/**
 * Older Nodes lack functions that telemetry calls, some already while its code is loaded. `--import …/register` comes from
 * whoever operates an app, which must run all the same.
 */
const LEAVE_OLD_NODES = `const [major,minor]=process.versions.node.split('.').map(Number);
if(major<22||major===22&&minor<15){
console.error('Tracing is off: Node '+process.versions.node+' is older than 22.15, which @tandem/telemetry needs. The app runs untraced.');
const done=async()=>{};
exports.telemetry={settings:{},log:console,flush:done,shutdown:done,counters:()=>({spans:{destinations:[]},logs:{destinations:[]}})};
return}
`;

/**
 * Code is CommonJS. ES modules only name its exports. So a process with both kinds of modules has one telemetry.
 */
export const pack: Pack = async (target) => {
  const [bundle] = await build({
    config: false,
    cwd: import.meta.dirname,
    entry: { ...ENTRIES, ...PARTS, [DOCTOR]: './src/doctor-command.ts' },
    outDir: target,
    format: 'cjs',
    platform: 'node',
    target: 'node22',
    dts: true,
    tsconfig: '../tsconfig.pack.json',
    define: { 'import.meta.url': OWN_FILE },
    logLevel: 'error',
    plugins: [onlyStable],
    deps: { neverBundle: true, alwaysBundle: INLINED, onlyBundle: false },
    // Names of functions and classes stay, for stacks and for `error.type`.
    minify: { compress: true, mangle: { keepNames: true }, codegen: { removeWhitespace: true } },
    outputOptions: (options, _format, { cjsDts }) =>
      cjsDts
        ? options
        : {
            ...options,
            comments: false,
            codeSplitting: { groups: [{ name: chunkOf }] },
          },
    inputOptions: (options, _format, { cjsDts }) => ({
      ...options,
      resolve: {
        ...options.resolve,
        mainFields: ['module', 'main'], // ES modules: what is not used is left out
        ...(!cjsDts && { alias: { [CONTEXT_MANAGERS]: CONTEXT_MANAGER } }),
      },
      checks: { ...options.checks, pluginTimings: false },
      // Types of a package are imported only for entries that use these types.
      ...(cjsDts && { treeshake: { moduleSideEffects: 'no-external' as const } }),
    }),
  });
  for (const { fileName } of bundle?.chunks ?? []) {
    const before = fileName === 'register.cjs' ? LEAVE_OLD_NODES : '';
    if (fileName.endsWith('.cjs')) await finish(join(target, fileName), before);
  }
  for (const entry of Object.keys(ENTRIES)) {
    const chunk = bundle?.chunks.find((each) => each.fileName === `${entry}.cjs`);
    if (chunk?.type !== 'chunk') throw new Error(`tsdown made no ${entry}.cjs`);
    await writeFile(join(target, `${entry}.mjs`), moduleOf(entry, chunk.exports));
    await writeFile(join(target, `${entry}.d.mts`), `export * from '../telemetry/${entry}.cjs';\n`);
  }
  await removeTypesOfParts(target);
  await cp(join(ROOT, 'CHANGELOG.md'), join(target, 'CHANGELOG.md'));
  await writeLicences(target, 'What the code has of others', sourcesOf(bundle?.chunks ?? []));
  return {
    keywords: ['fastify', 'honeycomb', 'opentelemetry', 'otlp', 'tracing'],
    engines: { node: '>=22.15.0' },
    type: 'commonjs',
    main: './index.cjs',
    types: './index.d.cts',
    bin: { 'telemetry-doctor': `./${DOCTOR}.cjs` },
    exports: Object.fromEntries(
      Object.keys(ENTRIES).map((entry) => [entry === 'index' ? '.' : `./${entry}`, conditionsOf(entry)]),
    ),
    imports: Object.fromEntries(Object.keys(PARTS).map((part) => [`#${part}`, `./${part}.cjs`])),
    sideEffects: ['./register.cjs', './register.mjs'],
    dependencies: { 'fastify-plugin': 'catalog:', pino: 'catalog:' },
    peerDependencies: { '@opentelemetry/api': '>=1.9.0 <1.11.0', ...OPTIONAL_PEERS },
    peerDependenciesMeta: Object.fromEntries(
      Object.keys(OPTIONAL_PEERS).map((name) => [name, { optional: true }]),
    ),
  };
};

/** Nobody can import a part, so its types are no one's, nor those that no entry leads to. */
async function removeTypesOfParts(target: string): Promise<void> {
  const types = (await readdir(target)).filter((name) => name.endsWith('.d.cts'));
  const reached = new Set(Object.keys(ENTRIES).map((entry) => `${entry}.d.cts`));
  // The loop also reaches names that it adds to the Set.
  for (const name of reached)
    for (const [, path = ''] of (await readFile(join(target, name), 'utf8')).matchAll(/"\.\/([^"]+)\.cjs"/g))
      reached.add(`${path}.d.cts`);
  for (const name of types.filter((each) => !reached.has(each))) await rm(join(target, name));
}

/** The instrumentation of undici with its dependencies. `./register` does not load these files. */
const INSTRUMENTATION =
  /node_modules[\\/](?:@opentelemetry[\\/](?:instrumentation(?:-undici)?|semantic-conventions(?=.*\.cjs$))|(?:import|require)-in-the-middle|module-details-from-path|debug|ms)[\\/]/;

/**
 * Entries share one file, because each name that crosses a file takes 70 bytes. Code that few services load is apart. The
 * entries are apart too, because loading an entry has effects.
 */
function chunkOf(path: string, modules: Rolldown.ChunkingContext): string | null {
  const isApart =
    modules.getModuleInfo(path)?.isEntry === true ||
    /[\\/]telemetry[\\/]src[\\/]index\.ts$/.test(path) ||
    /[\\/]telemetry[\\/]src[\\/](?:chosen[\\/](?:lean|sampler)|common[\\/]sources|features[\\/](?:lines|profile)|guest[\\/](?!libraries\.ts|loading)|road[\\/]statements|service[\\/](?:doctor|kysely|testing|undici))[\\/.]?(?!.*(?:feature|trace-(?:console|drivers|libraries|tests)|node[\\/]undici)\.ts)/.test(
      path,
    ) ||
    /[\\/](?:propagator-[\w-]+)[\\/]/.test(path) ||
    /[\\/](?:lifecycle-spans|register-telemetry|vendor-propagator)\.ts$/.test(path) ||
    INSTRUMENTATION.test(path);
  return isApart ? null : SHARED;
}

/** The API, and the copy of it with getters that `import * as api` becomes. */
const API = /(\w+)=require\(["'`]@opentelemetry\/api["'`]\)(?:;\s*\1=\w+\.\w+\(\1\)(?=;))?/g;

/**
 * Declares the file of the code where a file uses it, copies the API's members into a plain object, and breaks lines. API 1.9 has only getters, in an object that V8 keeps as a
 * hash table, and each span reads many members (figures in docs/adr/0013-own-spans.md). Each statement has a line of
 * its own, because after an uncaught error Node prints the whole line that threw the error.
 */
async function finish(path: string, before: string): Promise<void> {
  const code = await readFile(path, 'utf8');
  await writeFile(
    path,
    code
      .replace(/^(?:#!.*\n)?/, (start) => start + before + (code.includes(OWN_FILE) ? FIND_OWN_FILE : ''))
      .replace(API, '$1={...require("@opentelemetry/api")}')
      .replace(/(?<=[};])(?=(?:async function|function|class|const|let|var)\b)/g, '\n'),
  );
}

/** The files whose code is in the bundle. */
function sourcesOf(chunks: readonly { readonly type: string; readonly moduleIds?: string[] }[]): string[] {
  return chunks.flatMap(({ type, moduleIds = [] }) => (type === 'chunk' ? moduleIds : []));
}

function moduleOf(entry: string, exported: readonly string[]): string {
  return `import code from '../telemetry/${entry}.cjs';\nexport const { ${exported.toSorted().join(', ')} } = code;\n`;
}

function conditionsOf(entry: string): object {
  return {
    import: { types: `./${entry}.d.mts`, default: `./${entry}.mjs` },
    require: { types: `./${entry}.d.cts`, default: `./${entry}.cjs` },
  };
}
