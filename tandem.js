#!/usr/bin/env node
// `node tandem COMMAND [ARGUMENTS]`: runs a script of package.json. Needs only Node 20 or newer with its npm. It
// installs missing packages, asks no registry when all are there, and adds nothing to the script's output. `pnpm
// COMMAND` runs the same scripts. Plain JavaScript: it runs before Node 24 is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describeHoles } from './packages/telemetry/src/doctor/patched-node.js';

const OLDEST_NODE = 20;
/** Exit code for arguments that cannot be taken, as of the shell's own commands. */
const WRONG_USAGE = 2;
const ROOT = dirname(fileURLToPath(import.meta.url));
/** How the caller calls this from where he is: `node ../../tandem`. */
const CALL = `node ${quoted(join(relative(process.cwd(), ROOT), 'tandem'))}`;
const BINARIES = join(ROOT, 'node_modules', '.bin');
/** The npm package `node` brings it, so that everybody runs the same version of it. */
const NODE = join(
  ...[ROOT, 'packages', 'own-node', 'node_modules', 'node', 'bin'],
  process.platform === 'win32' ? 'node.exe' : 'node',
);
/** What an installation without tools is of: a hash of the lock file. */
const STAMP = join(ROOT, 'node_modules', '.tandem-without-tools');
/** With it, `pnpm dev` and `pnpm test` would not see that tools are missing. */
const PNPM_STATE = join(ROOT, 'node_modules', '.pnpm-workspace-state-v1.json');
/** The explorer's own commands. */
const EXPLORER = ' packages/trace-explorer/src/main.ts ';
/**
 * What a caller's npm may say otherwise, and the installation needs. The script of the npm package `node`, which brings Node
 * 24, is the only one that pnpm-workspace.yaml lets run.
 */
const SETTINGS = Object.entries({
  'ignore-scripts': false,
  only: '',
  optional: true,
  lockfile: true,
  'package-lock': true,
  'engine-strict': false,
  'confirm-modules-purge': false,
})
  .map(([name, value]) => `--config.${name}=${value}`)
  .join(' ');
/** Lines of an installation that look like trouble and are none: the npm package `node` makes its binary in a script. */
const FALSE_ALARM = /Failed to create bin at .*\bnode\b|preinstall|^npm warn Unknown /;
/** pnpm's list of what it has installed. */
const PACKAGE_LIST = /^(?:\+ \S+ \d|\++$|(?:devD|optionalD|d)ependencies:|Packages: |Progress: |$)/;

/** How often an installation says how far it is. */
const PROGRESS_MS = 15_000;

/** The group of commands that `node tandem` leaves out. */
const CHANGE = 'Change Tandem';

/** What the explorer's commands do, by the files from which its parts have it too. */
const { run: runYours, ...askExplorer } = commandsOfExplorer();

/**
 * What each command does, by who asks. The first group is what most people need. Commands with `tools` need what packs, tests and
 * changes Tandem, and the Node that everybody tests with; for all others what runs is enough.
 */
const COMMANDS = {
  Commands: {
    dev: { does: 'runs the explorer and both services, and restarts them when their sources change' },
    run: runYours,
    test: { does: 'runs the fast tests, or the files that you name; --all runs the whole gate', tools: true },
    doctor: { does: 'says why there are no traces' },
    copy: { does: 'makes a pair of your own in an empty folder', tools: true },
  },
  'Ask the explorer': askExplorer,
  'Run and fill': {
    start: { does: 'does the same as dev, without restarts and without faults' },
    load: { does: 'sends a steady mix of requests; one user is slow' },
    open: { does: 'shows the last run of this folder, or a folder of data' },
    'demo-data': { does: 'sends the explorer a system of 230 services', tools: true },
    'honeycomb:check': { does: 'asks Honeycomb whether it takes the key' },
    'honeycomb:apply': { does: 'sets up board, queries and trigger in Honeycomb; a dry run without --yes' },
  },
  [CHANGE]: {
    install: { does: 'installs what is missing, as every command does first', tools: true },
    'test:system': { does: 'runs tests with real processes, full stores and faults', tools: true },
    'test:page': { does: 'runs the tests of the page in real browsers', tools: true },
    'test:nightly': { does: 'runs the long tests', tools: true },
    typecheck: { does: 'checks types', tools: true },
    lint: { does: 'checks style, unused code, circular imports and sizes', tools: true },
    format: { does: 'mends the style', tools: true },
    bench: { does: 'measures one claim; without a name it lists them', tools: true },
    chaos: { does: 'causes faults under load, and writes what came of them', tools: true },
    documents: { does: 'writes what documents take from code and results', tools: true },
    'pack:all': { does: 'makes the tarballs of the packages', tools: true },
    'api:report': { does: 'records the types of @tandem/telemetry', tools: true },
    screenshots: { does: 'takes the pictures of the documents again', tools: true },
  },
};

const { scripts, packageManager } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const [command = '', ...args] = process.argv.slice(2);
const { tools: needsTools = false } = Object.assign({}, ...Object.values(COMMANDS))[command] ?? {};
/** The caller's own where it will do: it need not be installed. */
const node = needsTools || !isGoodNode(process.versions.node) ? NODE : process.execPath;

if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE)
  fail(`This is Node ${process.versions.node}. Tandem needs ${OLDEST_NODE} or newer: https://nodejs.org`);
if (/^(?:|-h|--help|help|--all)$/.test(command)) console.log(usage([command, ...args].includes('--all')));
else if (command === 'install') await installMissing();
else if (!Object.hasOwn(scripts, command))
  fail(`There is no command ${JSON.stringify(command)}.\n\n${usage()}`, WRONG_USAGE);
else {
  if (!scripts[command].startsWith('node ')) takeNoOptions();
  await installMissing();
  run(scripts[command]);
}

/** Scripts of this repository answer `--help` themselves; those that only run programs take no options. */
function takeNoOptions() {
  const options = args.filter((arg) => arg.startsWith('-'));
  if (options.length === 0) return;
  const text = `Usage: ${CALL} ${command}\n\nRuns ${scripts[command]}.`;
  const isHelp = options.some((option) => option === '-h' || option === '--help');
  if (!isHelp) fail(`Unknown option '${options[0]}'.\n${text}`, WRONG_USAGE);
  console.log(text);
  process.exit(0);
}

/** Whether everything that the lock file lists is installed: pnpm keeps a copy of the file that it installed from. */
function hasAll() {
  const installed = join(ROOT, 'node_modules', '.pnpm', 'lock.yaml');
  return existsSync(NODE) && existsSync(installed) && lockText(installed) === lockText();
}

/** Whether what the command needs is installed. */
function isInstalled() {
  if (hasAll()) return true;
  return !needsTools && existsSync(node) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === lockHash();
}

function lockText(path = join(ROOT, 'pnpm-lock.yaml')) {
  return readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
}

function lockHash() {
  return createHash('sha256').update(lockText()).digest('hex');
}

async function installMissing() {
  if (isInstalled()) return;
  console.error(
    needsTools
      ? 'Installing Tandem, with the tools that test and change it. This is done once, and takes a minute or two.'
      : 'Installing what Tandem needs. This is done once, and takes about a minute.',
  );
  rmSync(STAMP, { force: true });
  const some = node === NODE ? '--prod' : '--prod --filter "!@tandem/own-node"';
  const code = await pnpm(`install --frozen-lockfile ${needsTools ? '--config.production=false' : some}`);
  // An installation without scripts, or one that was ended within them, is up to date for pnpm.
  if (code === 0 && node === NODE && !existsSync(NODE)) await pnpm('rebuild --recursive node');
  if (code === 0 && !needsTools) {
    removeHeaders();
    rmSync(PNPM_STATE, { force: true });
    writeFileSync(STAMP, lockHash());
  }
  if (code !== 0 || !isInstalled())
    fail('The installation failed. The lines above say why. It needs the npm registry.', code || 1);
}

/** Removes what comes beside Node's binary for those who compile against it: 67 MB of headers. Nothing of Tandem does. */
function removeHeaders() {
  const folder = join(dirname(NODE), '..', 'node_modules');
  for (const name of existsSync(folder) ? readdirSync(folder) : [])
    rmSync(join(folder, name, 'include'), { recursive: true, force: true });
}

/** Runs pnpm. Its lines go to standard error: they are no output of the command. @returns its exit code */
async function pnpm(command) {
  // In a shell, because npx is a script on Windows.
  const installer = spawn(`npx --yes --prefer-offline ${packageManager} ${command} ${SETTINGS}`, {
    cwd: ROOT,
    shell: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, npm_config_update_notifier: 'false', npm_config_reporter: 'append-only' },
  });
  let progress = '';
  const said = setInterval(() => progress !== '' && console.error(progress), PROGRESS_MS);
  for (const stream of [installer.stdout, installer.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      if (line.startsWith('Progress: ')) progress = line;
      if (!FALSE_ALARM.test(line) && !PACKAGE_LIST.test(line)) console.error(line);
    });
  const [code] = await once(installer, 'close').finally(() => clearInterval(said));
  return code;
}

/**
 * Runs a script of package.json in the workspace's root, and ends as it ends. The explorer's commands take files of the
 * caller's, and commands: they run in his folder, with his PATH.
 */
function run(script) {
  const isNode = script.startsWith('node ');
  const isHere = script.includes(EXPLORER);
  const words = script.split(' ').slice(1);
  const own = isHere ? args : args.map(fromRoot);
  const child = spawn(
    isNode ? node : [script, ...own.map((arg) => JSON.stringify(arg))].join(' '),
    isNode ? [...(isHere ? words.map(inRoot) : words), ...own] : [],
    {
      ...(!isHere && { cwd: ROOT }),
      shell: !isNode,
      stdio: 'inherit',
      // TANDEM is what messages tell the caller to type, INIT_CWD where the caller is.
      env: {
        ...process.env,
        TANDEM: CALL,
        ...(!isHere && { INIT_CWD: process.cwd(), ...pathWith(dirname(node), BINARIES) }),
      },
    },
  );
  // A terminal sends Ctrl+C to both processes; what ends the child ends this one.
  process.on('SIGINT', () => process.stdin.isTTY || child.kill('SIGINT'));
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => fail(`${command} could not be started: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

function quoted(path) {
  return /\s/.test(path) ? JSON.stringify(path) : path;
}

/** Whether the commands run on a version, and no hole of it is published. */
function isGoodNode(version) {
  return /^(?:24|26)\./.test(version) && describeHoles(version) === undefined;
}

/** A word of a script that names a file, from any folder; `./` begins a module's name. */
function inRoot(word) {
  const path = join(ROOT, word);
  if (word.startsWith('./')) return pathToFileURL(path).href;
  return /[./]/.test(word) ? path : word;
}

/** A file is named from the folder that the caller is in. */
function fromRoot(arg) {
  return /\.(?:tsx?|json)$/.test(arg) && existsSync(arg) ? relative(ROOT, resolve(arg)) : arg;
}

/** The variable is called `Path` on Windows. */
function pathWith(...folders) {
  const name = Object.keys(process.env).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  return { [name]: [...folders, process.env[name]].filter(Boolean).join(delimiter) };
}

/** In their order. */
function commandsOfExplorer() {
  const parts = join(ROOT, 'packages', 'trace-explorer', 'src', 'parts');
  const files = readdirSync(parts).map((name) => join(parts, name, 'commands.json'));
  const commands = files
    .filter((file) => existsSync(file))
    .flatMap((file) => Object.entries(JSON.parse(readFileSync(file, 'utf8'))));
  return Object.fromEntries(commands.sort(([, a], [, b]) => a.order - b.order));
}

/** The commands that people use; all of them with those that change Tandem. */
function usage(isAll = false) {
  const shown = Object.entries(COMMANDS).filter(([title]) => isAll || title !== CHANGE);
  const groups = shown.map(([title, commands]) => {
    const lines = Object.entries(commands).map(([name, { does }]) => `  ${name.padEnd(16)}  ${does}`);
    return `${title}\n${lines.join('\n')}`;
  });
  const [most, ...others] = groups;
  const more = isAll ? '' : `${CALL} --all lists those that change Tandem, too.\n`;
  return `Usage: ${CALL} COMMAND [ARGUMENTS]\n\n${[most, '─'.repeat(18), ...others].join('\n\n')}\n\n${CALL} COMMAND --help lists the options of a command.\n${more}`.trimEnd();
}

function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}
