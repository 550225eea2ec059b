import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ROOT, startNode } from './helpers/processes.ts';

const { scripts }: { scripts: Record<string, string> } = JSON.parse(
  readFileSync(join(ROOT, 'package.json'), 'utf8'),
);
const benchmarks = readdirSync(join(ROOT, 'benchmarks'), { recursive: true, encoding: 'utf8' })
  .flatMap((path) => /^([\w-]+)[\\/]main\.ts$/.exec(path)?.[1] ?? [])
  .map((name) => ['bench', name]);
const COMMANDS = [...Object.keys(scripts).map((name) => [name]), ...benchmarks];
/** Commands whose arguments a parser of their own reads. */
const AT_A_TIME = 4;

t.test(
  'every command prints its usage for --help and -h, and names an option that it does not have',
  async (t) => {
    const left = [...COMMANDS];
    await Promise.all(
      Array.from({ length: AT_A_TIME }, async () => {
        for (let command = left.shift(); command !== undefined; command = left.shift()) await check(command);
      }),
    );

    async function check(command: readonly string[]): Promise<void> {
      const name = command.join(' ');
      const run = async (option: string) => {
        const child = startNode('.', ['tandem.js', ...command, option], {});
        return { code: await child.exited, output: child.output() };
      };
      const help = await run(name.length % 2 === 0 ? '--help' : '-h');
      t.equal(help.code, 0, `${name} --help`);
      t.match(help.output, new RegExp(`node tandem ${name.replace('check', '(?:\\S+)?check')}`), name);
      const unknown = await run('--loud');
      t.equal(unknown.code, 2, `${name} --loud: ${unknown.output.slice(0, 300)}`);
      t.match(unknown.output, /^.*--loud.*\.\n/, name);
      t.notMatch(unknown.output, /^ +at /m, 'no stack');
      t.ok(unknown.output.endsWith(help.output.trimEnd().concat('\n')), `${name}: the same usage`);
    }
  },
);
