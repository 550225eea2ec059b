import type { CodePlace } from './server/code-place.ts';

type Place = { readonly [Part in 'file' | 'line' | 'column']?: CodePlace[Part] | undefined };

/** A place in code as people read it: `src/orders.js:31`; empty without a file. */
export function placeText({ file, line, column }: Place): string {
  return file === undefined ? '' : [file, line, column].filter((part) => part !== undefined).join(':');
}

/** An error and where in the code it began: `Error “no stock” in GET /pay (src/pay.js:31)`. */
export function errorText({ sentence, ...place }: { readonly sentence: string } & Place): string {
  return `${sentence} (${placeText(place)})`;
}
