import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { SCRIPT } from '../../../../core/call.ts';
import { readArguments } from '../../../../core/command/arguments.ts';
import { CALL, CliError, explorerAt } from '../../../../core/command/client/explorer-client.ts';
import { shellWord } from '../../../../lib/text/harmless-text.ts';
import { changedJson, changeFile } from './change-file.ts';
import type { Agent, AgentFile, Server } from './table.ts';
import { AGENTS, SERVER, SKILL_FOLDERS } from './table.ts';

const USAGE = `Sets up the coding agents of this machine to ask the explorer: ${AGENTS.map(({ name }) => name).join(', ')}. Shows what it would do, and asks.

  ${CALL} agents
  --yes       does not ask
  --remove    removes what it set up
  --print     only prints the lines for every agent, to add by hand
  --url URL   of one explorer, over HTTP; without it agents get a command that finds the one that runs
`;

const FLAG = { type: 'boolean' } as const;
/** How long an agent's command may take, in milliseconds. */
const TIMEOUT_MS = 60_000;
/** The folder and the first lines of the skill. */
const SKILL = 'ask-the-trace-explorer';
const SKILL_START = `---\nname: ${SKILL}\n`;

/** One thing that is done, and how it is told. */
interface Step {
  readonly what: string;
  /** @returns whether something had to be done, or a note @throws Error that says why it could not be done */
  run(): Promise<boolean | string>;
}

/** `agents`: sets up coding agents, or removes what was set up. @throws CliError where nothing was done, or not all of it */
export async function agentsCommand(args: readonly string[]): Promise<void> {
  const options = { yes: FLAG, remove: FLAG, print: FLAG, url: { type: 'string' } } as const;
  const { values } = readArguments(args, USAGE, options);
  const command = [process.execPath, SCRIPT, 'mcp'] as const;
  const server =
    values.url === undefined ? { command } : { url: `${(await explorerAt(values.url)).url}/mcp` };
  if (values.print) return void process.stdout.write(linesByHand(server));
  const found = AGENTS.flatMap((agent) => stepOf(agent, server, values.remove === true) ?? []);
  if (found.length === 0)
    throw new CliError(`No coding agent was found. ${CALL} agents --print prints what to add by hand.`);
  const steps = [...found, ...SKILL_FOLDERS.map((folder) => skillStep(folder, values.remove === true))];
  process.stdout.write(`${steps.map(({ what }) => `  ${what}`).join('\n')}\n`);
  if (!values.yes && !(await agreed())) throw new CliError('Nothing was done. --yes does it without asking.');
  let failed = 0;
  for (const { what, run } of steps) {
    const said = await run().then(
      (done) => (typeof done === 'string' ? done : done ? 'done' : 'nothing to do'),
      (error: Error) => {
        failed += 1;
        return `not done: ${error.message}`;
      },
    );
    process.stdout.write(`${what}: ${said}\n`);
  }
  if (failed > 0)
    throw new CliError(
      `${failed} of ${steps.length} not done. ${CALL} agents --print prints what to do by hand.`,
    );
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) return false;
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await asking.question('Do this? [y/N] ').finally(() => asking.close());
  return /^y(?:es)?$/i.test(answer.trim());
}

/** What is done for an agent; undefined where it is not on this machine. */
function stepOf(agent: Agent, server: Server, isRemoved: boolean): Step | undefined {
  const { name, command, add, remove, removeByHand } = agent;
  const file = agent.files?.find((each) => existsSync(dirname(join(rootOf(each), each.path))));
  if (command === undefined || add === undefined || !isProgram(command))
    return file && fileStep(name, file, server, isRemoved);
  if (isRemoved && remove === undefined) {
    const inFile = file && fileStep(name, file, server, true);
    const run = async () => {
      await inFile?.run();
      return `from your own settings by hand: ${removeByHand}`;
    };
    return { what: inFile?.what ?? name, run };
  }
  const words = isRemoved ? (remove ?? []) : add(server);
  return {
    what: `${name}: ${lineOf(command, words)}`,
    async run() {
      const failure = called(command, words);
      if (failure === undefined) return true;
      // Some refuse to add what is there, perhaps with another address.
      const again = isRemoved || remove === undefined || called(command, remove) !== undefined;
      const second = again ? failure : called(command, words);
      if (second !== undefined) throw new Error((isRemoved && removeByHand) || second);
      return true;
    },
  };
}

function fileStep(name: string, file: AgentFile, server: Server, isRemoved: boolean): Step {
  const [root, path] = [rootOf(file), [file.key, SERVER]];
  return {
    what: `${name}: ${isRemoved ? `removes ${SERVER} from` : `adds ${SERVER} to`} ${join(root, file.path)}`,
    run: () =>
      changeFile(root, file.path, (text) => {
        if (isRemoved) return text && changedJson(text, path, undefined);
        return changedJson(text ?? '', path, file.entry(server));
      }),
  };
}

function skillStep(folder: string, isRemoved: boolean): Step {
  const path = `${folder}/${SKILL}/SKILL.md`;
  const own = readFileSync(new URL(import.meta.resolve('#skill')), 'utf8');
  return {
    what: `${isRemoved ? 'removes' : 'writes'} ${path}`,
    run: () =>
      changeFile(process.cwd(), path, (text = own) => {
        if (text.startsWith(SKILL_START)) return isRemoved ? undefined : own;
        throw new Error('another file has this name');
      }),
  };
}

function rootOf({ in: where }: AgentFile): string {
  return where === 'home' ? homedir() : process.cwd();
}

/** Whether PATH has a program. */
function isProgram(command: string): boolean {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => endings.some((ending) => existsSync(join(folder, command + ending))));
}

/** Calls an agent's command. It gets no input, so it cannot wait for an answer. @returns why it failed */
function called(command: string, words: readonly string[]): string | undefined {
  const shell = process.platform === 'win32'; // for commands that are scripts
  const { error, status, stdout, stderr } = spawnSync(
    command,
    shell ? words.map((word) => JSON.stringify(word)) : words,
    { shell, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], timeout: TIMEOUT_MS },
  );
  if (error) return error.message;
  return status === 0
    ? undefined
    : (stderr.trim() || stdout.trim() || `it ended with ${status}`).slice(0, 500);
}

function lineOf(command: string, words: readonly string[]): string {
  return [command, ...words].map(shellWord).join(' ');
}

/** What a person types or writes, for every agent. */
function linesByHand(server: Server): string {
  const blocks = AGENTS.map(({ name, command, add, files = [] }) => {
    const lines = command && add ? [`  ${lineOf(command, add(server))}`] : [];
    for (const { path, in: where, key, entry } of files) {
      const content = JSON.stringify({ [key]: { [SERVER]: entry(server) } });
      lines.push(`  ${where === 'home' ? '~/' : ''}${path}: ${content}`);
    }
    return `${name}\n${lines.join('\n')}\n`;
  });
  // Agents start it in folders of their own, and perhaps without PATH.
  const url = 'url' in server ? ['--url', server.url.slice(0, -'/mcp'.length)] : [];
  const stdio = [process.execPath, SCRIPT, 'mcp', ...url];
  return `${blocks.join('\n')}\nOver stdio, for others: ${stdio.map(shellWord).join(' ')}\n`;
}
