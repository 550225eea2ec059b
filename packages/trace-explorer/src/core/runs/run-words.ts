import { quoted } from '../../lib/text/words.ts';
import type { Moments } from '../places/range.ts';
import type { Run } from './schemas.ts';

/** Characters of a commit. */
const SHORT = 12;

/** `main 1f0c9a7be1d2`: the branch, and the commit or the name that was given; the command of a run that has neither. */
export function nameOf({ name, branch, command }: Run): string {
  const given = /^[0-9a-f]{16,}$/.test(name) ? name.slice(0, SHORT) : quoted(name);
  return [branch, name === command && branch ? '' : given].filter(Boolean).join(' ');
}

/** `npm test: cart 2e4d8b6af0c1 compared with main 1f0c9a7be1d2`. */
export function titleOf(run: Run, base?: Run): string {
  const [name, command = ''] = [nameOf(run), run.command && quoted(run.command)];
  const before = command === '' || command === name ? '' : `${command}: `;
  return `${before}${name}${base === undefined ? '' : ` compared with ${nameOf(base)}`}`;
}

/** The whole seconds in which a run sent its spans. */
export function momentsOf({ first, last }: Run): Moments {
  return {
    start_time: Math.floor(Date.parse(first) / 1000),
    end_time: Math.floor(Date.parse(last) / 1000) + 1,
  };
}
