#!/usr/bin/env node
// `node tandem COMMAND [ARGUMENTS]`: runs a command of tandem.json. Needs only Node 20 or newer with its npm. It installs
// missing packages, asks no registry when all are there, and adds nothing to the command's output. `pnpm COMMAND` and
// `npm run COMMAND` are the same. Plain JavaScript: it runs on Nodes that strip no types.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { installMissing } from './scripts/launcher/install.js';
import { OWN_NODE } from './scripts/launcher/own-node.js';

const OLDEST_NODE = 20;
/** Exit code for arguments that cannot be taken, as of the shell's own commands. */
const WRONG_USAGE = 2;
const ROOT = dirname(fileURLToPath(import.meta.url));
const BINARIES = join(ROOT, 'node_modules', '.bin');
/** The explorer's own commands. */
const EXPLORER = ' packages/trace-explorer/start.js ';
/** The group of commands that `node tandem` leaves out. */
const CHANGE = 'Change Tandem';
/** From this version on, Node has all that Tandem uses without a warning that it is an experiment. */
const QUIET_NODE = 24;

if (numberOf(process.versions.node) < OLDEST_NODE)
  fail(`This is Node ${process.versions.node}. Tandem needs ${OLDEST_NODE} or newer: https://nodejs.org`);
goWhereCalled();

/** How the caller calls this from where he is: `node ../../tandem`. */
const CALL = `node ${quoted(join(relative(process.cwd(), ROOT), 'tandem'))}`;
/**
 * What each command does and runs, by who asks. The first group is what most people need. Commands with `tools` need what packs,
 * tests and changes Tandem; for all others what runs is enough.
 */
const COMMANDS = readCommands();
const [command = '', ...args] = process.argv.slice(2);
const { runs, tools: needsTools = false } = Object.assign({}, ...Object.values(COMMANDS))[command] ?? {};
/** The caller's own where it will do. Its security holes are the doctor's to tell. */
const willDo = needsTools ? /^2[46]\./.test(process.versions.node) : process.features.typescript;
const node = willDo ? process.execPath : OWN_NODE;

if (/^(?:|-h|--help|help|--all)$/.test(command)) console.log(usage([command, ...args].includes('--all')));
else if (command === 'install') await install();
else if (runs === undefined)
  fail(`There is no command ${JSON.stringify(command)}.\n\n${usage()}`, WRONG_USAGE);
else {
  if (!runs.startsWith('node ')) takeNoOptions();
  await install();
  run();
}

/** npm and pnpm run a script of package.json in its folder, and say where they were called. */
function goWhereCalled() {
  const { npm_package_json: manifest, INIT_CWD: folder } = process.env;
  if (!manifest || !folder || process.cwd() !== ROOT || !existsSync(manifest) || !existsSync(folder)) return;
  if (realpathSync(manifest) === realpathSync(join(ROOT, 'package.json'))) process.chdir(folder);
}

/** Files of this repository answer `--help` themselves; commands that only run programs take no options. */
function takeNoOptions() {
  const options = args.filter((arg) => arg.startsWith('-'));
  if (options.length === 0) return;
  const text = `Usage: ${CALL} ${command}\n\nRuns ${runs}.`;
  const isHelp = options.some((option) => option === '-h' || option === '--help');
  if (!isHelp) fail(`Unknown option '${options[0]}'.\n${text}`, WRONG_USAGE);
  console.log(text);
  process.exit(0);
}

async function install() {
  const problem = await installMissing({ command, needsTools, needsOwnNode: !willDo });
  if (problem !== undefined) fail(problem);
}

/**
 * Runs the command in the workspace's root, and ends as it ends. The explorer's commands take files of the caller's, and
 * commands: they run in his folder, with his PATH.
 */
function run() {
  const isNode = runs.startsWith('node ');
  const isHere = `${runs} `.includes(EXPLORER);
  const words = runs.split(' ').slice(1);
  const own = isHere ? args : args.map(fromRoot);
  const flags =
    willDo && numberOf(process.versions.node) < QUIET_NODE ? ['--disable-warning=ExperimentalWarning'] : [];
  const child = spawn(
    isNode ? node : [runs, ...own.map((arg) => JSON.stringify(arg))].join(' '),
    isNode ? [...flags, ...(isHere ? words.map(inRoot) : words), ...own] : [],
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

function numberOf(version) {
  return Number.parseInt(version, 10);
}

/** A word of a command that names a file, from any folder; `./` begins a module's name. */
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

/** The groups of tandem.json. What the explorer's own commands do is written where its parts have them. */
function readCommands() {
  const groups = JSON.parse(readFileSync(join(ROOT, 'tandem.json'), 'utf8'));
  const ofExplorer = commandsOfExplorer();
  const rowOf = (name, row) => [name, { ...ofExplorer[name], ...row }];
  const listed = new Set(Object.values(groups).flatMap((rows) => Object.keys(rows)));
  return Object.fromEntries(
    Object.entries(groups).map(([title, rows]) => {
      if (typeof rows !== 'string')
        return [title, Object.fromEntries(Object.entries(rows).map(([name, row]) => rowOf(name, row)))];
      const asking = Object.keys(ofExplorer).filter((name) => !listed.has(name));
      return [title, Object.fromEntries(asking.map((name) => rowOf(name, { runs: `${rows} ${name}` })))];
    }),
  );
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
