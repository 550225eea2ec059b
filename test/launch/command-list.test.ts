import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { nodeParts } from '../../packages/trace-explorer/src/parts.node.ts';
import { COMMANDS } from '../helpers/launch/commands.ts';
import { ROOT } from '../helpers/processes.ts';

const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

t.test("every command of the explorer is one of the workspace's", async (t) => {
  for (const name of nodeParts.flatMap(({ commands = {} }) => Object.keys(commands)))
    t.match(COMMANDS[name]?.runs, `packages/trace-explorer/start.js ${name}`, name);
});

t.test('npm and pnpm have every command, as a script that calls the launcher', async (t) => {
  for (const name of Object.keys(COMMANDS).filter((each) => each !== 'install')) // theirs is another one
    t.equal(scripts[name], `node tandem ${name}`);
});

function textOf(program: string, ...args: string[]): string {
  const env = { ...process.env, TANDEM: '' }; // as of the package
  return execFileSync(process.execPath, [join(ROOT, program), ...args], { encoding: 'utf8', env });
}

/** The commands that the launcher lists. */
function listedBy(...args: string[]): string[] {
  const text = textOf('tandem.js', ...args);
  return text.split('\n').flatMap((line) => /^ {2}(\S+) {2,}(\S.*)$/.exec(line)?.[1] ?? []);
}

t.test("the launcher and the explorer's help say the same of a command, in one order", async (t) => {
  const help = textOf('packages/trace-explorer/start.js', '--help');
  const lines = help.split('\n').flatMap((line) => {
    const [, name, does] = /^ {2}trace-explorer ([a-z]+)\b(?: \S+)* {2,}(\S.*)$/.exec(line) ?? [];
    return name === undefined ? [] : [`  ${name.padEnd(16)}  ${does}`];
  });
  t.equal(lines.length, nodeParts.flatMap(({ commands = {} }) => Object.keys(commands)).length);
  const listed = textOf('tandem.js').split('\n');
  t.strictSame(
    listed.filter((line) => lines.includes(line)),
    lines,
  );
});

t.test('every command is listed, with what it does; those that change Tandem by --all', async (t) => {
  const all = listedBy('--all');
  t.strictSame(all.toSorted(), ['install', ...Object.keys(scripts)].toSorted()); // no script: each command installs first
  t.strictSame(listedBy('--help', '--all'), all);
  const used = listedBy();
  t.strictSame(all.slice(0, used.length), used);
  for (const name of ['dev', 'run', 'trace', 'load']) t.ok(used.includes(name), name);
  for (const name of ['install', 'bench', 'lint', 'test:nightly']) t.notOk(used.includes(name), name);
});
