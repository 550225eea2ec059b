import { fileKindOf } from './file-kind.ts';
import { sourceOfWebpack } from './map-source.ts';
import { Place } from './place.ts';

/** Characters of a stack that are read. */
const MOST_READ = 16_384;

/** The place of the first frame of the app in the text of a stack; undefined without one. */
export function placeIn(stack: string): Place | undefined {
  for (const text of stack.slice(0, MOST_READ).split('\n')) {
    const [start] = /^\s+at (?:async )?/.exec(text) ?? [];
    const end = /:(\d+):(\d+)\)?$/.exec(text);
    if (start === undefined || end === null) continue;
    // `placeOrder (/srv/src/orders.js:48:9)`, or the file alone
    const place = text.slice(start.length, end.index);
    const open = text.endsWith(')') ? place.indexOf(' (') : -1;
    const [named, line, column] = [open < 0 ? place : place.slice(open + 2), Number(end[1]), Number(end[2])];
    // Where Node knows the source map, a stack names the sources.
    const file = named.startsWith('webpack:') ? (sourceOfWebpack(named) ?? named) : named;
    if (fileKindOf(file) === 'app')
      return new Place([
        { file, isShown: false, line, column, name: functionIn(place.slice(0, Math.max(0, open))) },
      ]);
  }
  return undefined;
}

/** The function of a frame: `placeOrder` of `Object.placeOrder [as handler]`. */
function functionIn(name: string): string | undefined {
  const found = (name.split(' [as ')[0] ?? '').replace(/^(?:new |Object\.)/, '');
  return found.includes('<anonymous>') ? undefined : found;
}
