// Loaded into each Node process of a command that `run` starts, of any version: `--require` is the option that each
// version takes, and comes before modules of the command's own. Plain JavaScript, because an older Node reads no types. A
// process that cannot be traced runs untraced, and `run` says why.
const { TANDEM_RUN_OTEL: otel } = process.env;
// Coding agents keep OTEL_* from the commands that they run: Claude Code's and Copilot's documents say so.
if (otel && !Object.keys(process.env).some((name) => name.startsWith('OTEL_')))
  Object.assign(process.env, JSON.parse(otel));

const [major, minor] = process.versions.node.split('.').map(Number);

try {
  // Deno reads NODE_OPTIONS, has the version of a Node, and sends its spans by itself. Node's thread for hooks of
  // `module.register()` loads what the process has loaded already.
  const isOther = process.versions.deno !== undefined || require('worker_threads').isInternalThread === true;
  const { TANDEM_RUN_WATCH: watch } = process.env;
  const isSource = /\.ts$/.test(watch);
  if (!isOther && (major < 22 || (major === 22 && minor < 15)))
    throw new Error(`it runs on Node ${process.versions.node}, and tracing needs 22.${isSource ? 18 : 15} or newer`);
  if (isSource && !isOther && !process.features.typescript)
    throw new Error(`it runs on Node ${process.versions.node}, which does not run the TypeScript of a clone here; 22.18 does by default`);
  // In the workspace Node compiles telemetry, which changes. It keeps the code without a variable that the command would pass on.
  const isClone = isSource || /[\\/]\.cache[\\/]tandem[\\/]/.test(watch);
  if (isClone && !isOther && !process.env.NODE_V8_COVERAGE) require('module').enableCompileCache();
  if (!isOther) require(watch);
} catch ({ message }) {
  const line = { pid: process.pid, file: process.argv[1] || '', use: 'untraced', name: message };
  try {
    require('fs').appendFileSync(process.env.TANDEM_RUN_USES, `${JSON.stringify(line)}\n`);
  } catch (_) {}
}
