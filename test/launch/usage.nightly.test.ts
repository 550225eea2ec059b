import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { COMMANDS } from '../helpers/launch/commands.ts';
import { ROOT, startNode } from '../helpers/processes.ts';

const benchmarks = readdirSync(join(ROOT, 'benchmarks'))
  .filter((name) => existsSync(join(ROOT, 'benchmarks', name, 'main.ts')))
  .map((name) => ['bench', name]);
const runs = Object.entries(COMMANDS).filter(([name]) => name !== 'install');
const CALLS = [...runs.map(([name]) => [name]), ...benchmarks];
const AT_A_TIME = 2;

t.test(
  'every command names an option that it does not have, with its usage, which --help prints',
  async (t) => {
    const left = [...CALLS];
    await Promise.all(
      Array.from({ length: AT_A_TIME }, async () => {
        for (let command = left.shift(); command !== undefined; command = left.shift()) await check(command);
      }),
    );

    async function check([name = '', ...args]: readonly string[]): Promise<void> {
      const command = [name, ...args].join(' ');
      const [program, ...own] = COMMANDS[name]?.runs?.split(' ') ?? [];
      // The launcher's own process is left out where it adds nothing: each process costs time.
      const start = program === 'node' ? own : ['tandem.js', name];
      const run = async (option: string) => {
        const child = startNode('.', [...start, ...args, option], {});
        return { code: await child.exited, output: child.output().trimEnd() };
      };
      const unknown = await run('--loud');
      t.equal(unknown.code, 2, `${command} --loud`);
      t.match(unknown.output, /^[^.]*--loud[^.]*\.(?: Did you mean --[a-z-]+\?)?\n/);
      t.ok(unknown.output.includes(`node tandem ${command}`), unknown.output);
      const help = await run(command.length % 2 === 0 ? '--help' : '-h');
      t.equal(help.code, 0, `${command} --help`);
      t.ok(unknown.output.endsWith(help.output), unknown.output);
    }
  },
);
