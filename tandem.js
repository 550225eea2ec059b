#!/usr/bin/env node
// `node tandem COMMAND [ARGUMENTS]`: runs a script of package.json. Needs only Node 20 or newer with its npm. It
// installs missing packages, asks no registry when all are there, and adds nothing to the script's output. `pnpm
// COMMAND` runs the same scripts. Plain JavaScript: it runs before Node 24 is installed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
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
const NODE = join(ROOT, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
/** The explorer's own commands. */
const EXPLORER = ' packages/trace-explorer/src/main.ts ';
/** Commands that the caller's own Node may run. */
const SERVING = ['dev', 'start', 'run', 'open', 'doctor'];
/**
 * What a caller's npm may say otherwise, and the installation needs. The script of the npm package `node`, which brings Node
 * 24, is the only one that pnpm-workspace.yaml lets run.
 */
const SETTINGS = Object.entries({
  'ignore-scripts': false,
  production: false,
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

/** What each command does, by who asks. The first group is what most people need. */
const COMMANDS = {
  Commands: {
    dev: 'runs the explorer and both services, and restarts them when their sources change',
    run: 'runs a command of yours and shows its traces: run -- npm run dev',
    test: 'runs the fast tests, or the files that you name; --all runs the whole gate',
    doctor: 'says why there are no traces',
    copy: 'makes a pair of your own in an empty folder',
  },
  'Ask the explorer': {
    trace: 'prints the newest trace, or the one with an id, a header or a link',
    logs: 'prints the newest log lines of all services; -f follows them',
    query: 'prints the rows of a Honeycomb query in a file',
    check: 'fails if a Honeycomb trigger fires',
    verify: 'scores the telemetry, and says how to mend it',
    compare: 'says what a branch did to every route',
    report: 'says what a run or a change did, for a pull request',
    sample: 'says what sampling rules would keep, cost and lose',
    pull: 'brings some whole traces from ClickHouse',
    import: 'stores the traces of files',
    export: 'writes stored traces to a file',
    mcp: 'answers agents over stdio',
    agents: 'sets up the coding agents of this machine to ask the explorer',
  },
  'Run and fill': {
    start: 'does the same as dev, without restarts and without faults',
    load: 'sends a steady mix of requests; one user is slow',
    open: 'starts the explorer with a folder of data, and opens its page',
    'demo-data': 'sends the explorer a system of 230 services',
    'honeycomb:check': 'asks Honeycomb whether it takes the key',
    'honeycomb:apply': 'sets up board, queries and trigger in Honeycomb; a dry run without --yes',
  },
  'Change Tandem': {
    install: 'installs what is missing, as every command does first',
    'test:system': 'runs tests with real processes, full stores and faults',
    'test:page': 'runs the tests of the page in real browsers',
    'test:nightly': 'runs the long tests',
    typecheck: 'checks types',
    lint: 'checks style, unused code, circular imports and sizes',
    format: 'mends the style',
    bench: 'measures one claim; without a name it lists them',
    chaos: 'causes faults under load, and writes what came of them',
    documents: 'writes what documents take from code and results',
    'pack:all': 'makes the tarballs of the packages',
    'api:report': 'records the types of @tandem/telemetry',
    screenshots: 'takes the pictures of the documents again',
  },
};

const { scripts, packageManager, devDependencies } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);
const [command = '', ...args] = process.argv.slice(2);

if (Number.parseInt(process.versions.node, 10) < OLDEST_NODE)
  fail(`This is Node ${process.versions.node}. Tandem needs ${OLDEST_NODE} or newer: https://nodejs.org`);
if (/^(?:|-h|--help|help)$/.test(command)) console.log(usage());
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

/** Whether what the lock file lists is installed: pnpm keeps a copy of the file that it installed from. */
function isInstalled() {
  const installed = join(ROOT, 'node_modules', '.pnpm', 'lock.yaml');
  const lines = (path) => readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
  return (
    existsSync(NODE) && existsSync(installed) && lines(installed) === lines(join(ROOT, 'pnpm-lock.yaml'))
  );
}

async function installMissing() {
  if (isInstalled()) return;
  console.error('Installing what Tandem needs. This is done once, and takes a minute or two.');
  const code = await pnpm('install --frozen-lockfile');
  // An installation without scripts, or one that was ended within them, is up to date for pnpm.
  if (code === 0 && !existsSync(NODE)) await pnpm('rebuild node');
  if (code !== 0 || !isInstalled())
    fail('The installation failed. The lines above say why. It needs the npm registry.', code || 1);
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
  const node = nodeFor(command);
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

/** The Node of the package `node`; for what serves or runs for long the caller's, where only that one is patched. */
function nodeFor(name) {
  const { node: own } = process.versions;
  const holes = SERVING.includes(name) ? describeHoles(devDependencies.node) : undefined;
  if (holes === undefined) return NODE;
  if (describeHoles(own) === undefined && /^(?:24|26)\./.test(own)) return process.execPath;
  // `run` has said it before it names `open`.
  if (name !== 'open')
    console.error(`${holes} If you call this with such a Node 24 or 26, ${name} runs on it.`);
  return NODE;
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

function usage() {
  const groups = Object.entries(COMMANDS).map(([title, commands]) => {
    const lines = Object.entries(commands).map(([name, what]) => `  ${name.padEnd(16)}  ${what}`);
    return `${title}\n${lines.join('\n')}`;
  });
  const [most, ...others] = groups;
  return `Usage: ${CALL} COMMAND [ARGUMENTS]\n\n${[most, '─'.repeat(18), ...others].join('\n\n')}\n\n${CALL} COMMAND --help lists the options of a command.`;
}

function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}
