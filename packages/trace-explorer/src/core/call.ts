import { existsSync, readFileSync } from 'node:fs';
import { basename, delimiter, dirname, join, relative, sep } from 'node:path';
import { shellWord } from '../lib/text/harmless-text.ts';

const LAUNCHER = process.env.TANDEM;
/** What the package's command is called. */
const NAME = 'trace-explorer';
/** The name of a package in a registry, also with its version; no path, no URL. */
const IS_NAME = /^(?:@[\w.-]+\/)?[\w.-]+(?:@[\w.-]+)?$/;

/** The words before the explorer's commands: in the workspace its launcher, elsewhere the command that started this process. */
export const TYPED =
  LAUNCHER ||
  (import.meta.filename.endsWith('.ts') ? 'node tandem' : installedCommand(thisScript(), process));

/** The file that Node runs for each of these commands, from any folder. */
export const SCRIPT = import.meta.filename.endsWith('.ts')
  ? join(import.meta.dirname, '../../../../tandem.js')
  : thisScript();

/** The command that starts the explorer alone. */
export const START = LAUNCHER ? `${LAUNCHER} explorer` : installedCommand(thisScript(), process);

/** The command that shows the last run of a folder, or a folder of data, in the browser. */
export const OPEN = LAUNCHER ? `${LAUNCHER} open` : `${START} --open`;

/** The command that shows a folder of data. */
export function openWith(folder: string): string {
  const near = relative(process.cwd(), folder) || '.';
  return `${OPEN} --data-dir ${shellWord(near.length < folder.length ? near : folder)}`;
}

/**
 * The command of an installed explorer: one that a person can type in this folder. npx keeps packages in folders of its own,
 * whose package.json says what was asked for.
 * @param script path of the file that Node runs, or of npm's link to the file
 */
export function installedCommand(script: string, { cwd, env }: Pick<NodeJS.Process, 'cwd' | 'env'>): string {
  const [, root] = /^(.*?)[\\/]node_modules[\\/]/.exec(script) ?? [];
  if (root !== undefined) {
    const asked = askedOfNpx(root);
    if (asked !== undefined)
      return IS_NAME.test(asked) ? `npx ${asked}` : `npx --package ${shellWord(asked)} ${NAME}`;
    const isHere = `${cwd()}${sep}`.startsWith(`${root}${sep}`);
    if (isHere && existsSync(join(root, 'node_modules', '.bin', NAME))) return `npx --no -- ${NAME}`;
  } else if (basename(script) === NAME && env.PATH?.split(delimiter).includes(dirname(script))) return NAME;
  return `node ${shellWord(script)}`;
}

/** The package that npx was asked for, as it was typed, where this is the folder that npx made for it. */
function askedOfNpx(root: string): string | undefined {
  try {
    const { _npx }: { _npx?: { packages?: string[] } } = JSON.parse(
      readFileSync(join(root, 'package.json'), 'utf8'),
    );
    return _npx?.packages?.[0];
  } catch {
    return undefined;
  }
}

function thisScript(): string {
  return process.argv[1] ?? '';
}
