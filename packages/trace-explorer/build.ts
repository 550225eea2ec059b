import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildOptions, Plugin } from 'esbuild';
import { build, stop } from 'esbuild';
import telemetry from '../telemetry/package.json' with { type: 'json' };
import explorer from './package.json' with { type: 'json' };

const EXPLORER = import.meta.dirname;
const TELEMETRY = join(EXPLORER, '..', 'telemetry');

/** Milliseconds after which a line says what the start waits for. */
const SAID_AFTER = 1_000;
const WAITED_FOR = 'Building Tandem for faster starts, once until its sources change …\n';
/** Builds that stay: that of now, and the one before, which may still run. */
const KEPT = 2;

/** Packages that are loaded from where they are installed: those with a library or files of their own, and what few processes need. */
const NOT_BUNDLED = ['@duckdb/node-bindings', '@fastify/swagger-ui', 'esbuild'];
/** Those of telemetry. There is one copy of the API, which the app may have in a newer version. */
const NOT_IN_TELEMETRY = [
  '@opentelemetry/api',
  '@opentelemetry/instrumentation-*',
  'fastify',
  'import-in-the-middle',
  'kysely',
  'undici',
];

const OPTIONS = {
  bundle: true,
  platform: 'node',
  target: 'node22',
  mainFields: ['module', 'main'], // ES modules: what is not used is left out
  legalComments: 'none',
  logLevel: 'silent',
  sourcemap: 'linked',
  sourcesContent: false,
  define: {
    'import.meta.url': 'placeUrl',
    'import.meta.filename': 'placeFilename',
    'import.meta.dirname': 'placeDirname',
  },
} satisfies BuildOptions;

/**
 * Builds explorer, `run` and the telemetry that `run` gives to an app, with the packages that they need, into a new folder.
 * Another process may make the same folder meanwhile.
 *
 * @throws where there is no place for it, or a source has an error
 */
export async function buildInto(folder: string): Promise<void> {
  const made = `${folder}-${process.pid}`;
  mkdirSync(made, { recursive: true });
  const timer = setTimeout(() => process.stderr.write(WAITED_FOR), SAID_AFTER);
  try {
    await Promise.all([buildExplorer(made), buildTelemetry(join(made, 'telemetry'))]);
    renameSync(made, folder);
    removeOld(dirname(folder));
  } catch (error) {
    rmSync(made, { recursive: true, force: true });
    // Another process was faster.
    if (!existsSync(folder)) throw error;
  } finally {
    clearTimeout(timer);
    await stop();
  }
}

/** ES modules, so that a command loads what it needs. */
async function buildExplorer(folder: string): Promise<void> {
  await build({
    ...OPTIONS,
    entryPoints: { main: join(EXPLORER, 'src', 'main.ts') },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    format: 'esm',
    splitting: true,
    banner: {
      js: "import{createRequire as requireOf}from'node:module';const require=requireOf(import.meta.url);",
    },
    external: NOT_BUNDLED,
    plugins: [placesOf(dirname(EXPLORER))],
  });
  const ofSources = Object.entries(explorer.imports).map(([name, path]) => [
    name,
    path.replace(/^\./, './explorer'),
  ]);
  const imports = {
    ...Object.fromEntries(ofSources),
    '#watch': './telemetry/watch.cjs',
    '#telemetry': './telemetry/register.cjs',
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ imports }));
  link(EXPLORER, join(folder, 'explorer'));
  link(join(EXPLORER, 'node_modules'), join(folder, 'node_modules'));
}

/** Two files of CommonJS, which an app loads whole: it may run longer than this build stays. */
async function buildTelemetry(folder: string): Promise<void> {
  mkdirSync(folder);
  const entry = join(folder, 'entry.js');
  const parts = Object.entries(telemetry.imports).map(
    ([name, path]) => `${JSON.stringify(name.slice(1))}: () => ${required(path)}`,
  );
  const { './workspace/parts': loading, './register': register } = telemetry.exports;
  writeFileSync(entry, `${required(loading)}.keepParts({${parts}});\n${required(register)};\n`);
  await build({
    ...OPTIONS,
    entryPoints: { register: entry, watch: join(EXPLORER, 'src', 'parts', 'run', 'command', 'watch.ts') },
    outdir: folder,
    outExtension: { '.js': '.cjs' },
    format: 'cjs',
    banner: { js: "const builtUrl=require('node:url').pathToFileURL(__filename).href;" },
    external: NOT_IN_TELEMETRY,
    plugins: [placesOf(EXPLORER)],
  });
  link(join(TELEMETRY, 'node_modules'), join(folder, 'node_modules'));
}

function required(path: string): string {
  return `require(${JSON.stringify(join(TELEMETRY, path))})`;
}

/** Modules of a folder keep the places of their files, from which they find others. To all others theirs is the built file. */
function placesOf(folder: string): Plugin {
  const written = JSON.stringify;
  return {
    name: 'places',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const text = readFileSync(path, 'utf8');
        if (!text.includes('import.meta.')) return undefined;
        const url = path.startsWith(folder) ? written(pathToFileURL(path).href) : 'builtUrl';
        const places = `placeUrl=${url},placeFilename=${written(path)},placeDirname=${written(dirname(path))}`;
        return { contents: `const ${places};${text}`, loader: 'ts' };
      });
    },
  };
}

/** Windows lets anybody make a junction. */
function link(target: string, path: string): void {
  symlinkSync(target, path, 'junction');
}

function removeOld(builds: string): void {
  const times = readdirSync(builds).map((name) => ({ name, time: statSync(join(builds, name)).mtimeMs }));
  for (const { name } of times.toSorted((a, b) => b.time - a.time).slice(KEPT))
    rmSync(join(builds, name), { recursive: true, force: true });
}
