import type { TestProcess } from './processes.ts';

/** OpenTelemetry's packages that every request of the pair takes its road through. */
export const PACKAGE_LIST: readonly string[] = [
  'exporter-trace-otlp-proto',
  'instrumentation-undici',
  'sdk-trace-base',
  'sdk-trace-node',
];
/** The package of the list that is behind a switch. */
export const LIFECYCLE_PACKAGE = 'instrumentation-fastify';

/** At the end of the process, prints the loaded packages of OpenTelemetry, and whether `require` is still Node's. */
const REPORT = `
  import Module, { createRequire } from 'node:module';
  const { require } = Module.prototype;
  const { cache } = createRequire(process.cwd() + '/');
  process.on('exit', () => {
    const name = (path) => /.*[\\\\/]node_modules[\\\\/]@opentelemetry[\\\\/]([^\\\\/]+)/.exec(path)?.[1];
    const loaded = [...new Set(Object.keys(cache).map(name))];
    const isPatched = Module.prototype.require !== require;
    console.log('\\n' + JSON.stringify({ loaded, isPatched }));
  });
`;
/** Options of Node for a process whose packages are asked for. */
export const TELL_PACKAGES = ['--import', `data:text/javascript,${encodeURIComponent(REPORT)}`];

/** The packages of the list that a process with TELL_PACKAGES had loaded at its end. */
export function packagesOf({ output }: TestProcess): { loaded: readonly string[]; isPatched: boolean } {
  const line = output()
    .split('\n')
    .find((each) => each.startsWith('{"loaded"'));
  const { loaded, isPatched }: ReturnType<typeof packagesOf> = JSON.parse(String(line));
  const listed = [...PACKAGE_LIST, LIFECYCLE_PACKAGE].filter((name) => loaded.includes(name));
  return { loaded: listed.toSorted(), isPatched };
}
