import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../processes.ts';

/** A command of `node tandem`. */
export interface Command {
  /** Its words; undefined for `install`, which every command does first. */
  readonly runs?: string;
  /** Whether it needs the tools that test and change Tandem. */
  readonly tools?: boolean;
}

const read = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8'));
const groups: Readonly<Record<string, string | Readonly<Record<string, Command>>>> = read('tandem.json');
const ofExplorer = globSync('packages/trace-explorer/src/parts/*/commands.json', { cwd: ROOT }).flatMap(
  (path) => Object.keys(read(path)),
);

/** All commands, as tandem.json has them: a group that is one text is the rest of the explorer's own, each behind that text. */
export const COMMANDS: Readonly<Record<string, Command>> = Object.assign(
  {},
  ...Object.values(groups).map((group) =>
    typeof group === 'string'
      ? Object.fromEntries(ofExplorer.map((name) => [name, { runs: `${group} ${name}` }]))
      : {},
  ),
  ...Object.values(groups).filter((group) => typeof group !== 'string'),
);
