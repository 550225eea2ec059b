import type { Run } from '../../compare/schemas.ts';
import type { Stretch } from '../../places/shown-range.ts';

/** The whole seconds in which a run sent its spans. */
export function stretchOf({ first, last }: Run): Stretch {
  return {
    start_time: Math.floor(Date.parse(first) / 1000),
    end_time: Math.floor(Date.parse(last) / 1000) + 1,
  };
}

/** `main 1f0c9a7be1d2`: the branch and the begin of the run's name, which is its commit where nobody gave one. */
export function shortName({ name, branch = '' }: Run): string {
  return `${branch} ${name.slice(0, 12)}`.trim();
}
