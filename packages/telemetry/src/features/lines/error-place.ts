import type { Attributes } from '@opentelemetry/api';
import { quietly } from '../../common/quietly.ts';
import { isLoaded } from '../../common/sources/known-files.ts';
import { sourceOfWebpack } from '../../common/sources/map-source.ts';
import { fileKindOf } from './file-kind.ts';
import { Place } from './place.ts';

/** Characters of a stack that are read. */
const MOST_READ = 16_384;

/** What stands where a frame makes an error or calls the next one: `new Error`, `placeOrder(`, `load<Order>(`. */
const CALLS =
  /^(?:(?:new|await|import|super)\b|[\p{L}\p{N}_$]{1,100}(?:\?\.)?(?:<[^<>;]{0,100}>)?\s{0,20}[(`])/u;
/** The property that V8 names where a value has none: the error has its place. */
const PROPERTY = /\((?:reading|setting) '([^'\n]{1,100})'\)\n/;

/** What writes the texts of stacks, if no tool has changed it: such a tool knows the lines of the sources. */
const NODES_OWN = Reflect.get(Error, 'prepareStackTrace');

/** The place of the first frame of the app in the text of a stack; undefined without one. */
export function placeIn(stack: string): Place | undefined {
  let isFirst = true;
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
        {
          ...{ file, isShown: false, line, column },
          name: functionIn(place.slice(0, Math.max(0, open))),
          says: isSurelyOf(file) ? undefined : (isFirst && PROPERTY.exec(stack)?.[1]) || CALLS,
        },
      ]);
    isFirst = false;
  }
  return undefined;
}

/** The function of a frame: `placeOrder` of `Object.placeOrder [as handler]`. */
function functionIn(name: string): string | undefined {
  const found = (name.split(' [as ')[0] ?? '').replace(/^(?:new |Object\.)/, '');
  return found.includes('<anonymous>') ? undefined : found;
}

/** File and function of an error whose stack names a line that the file does not have; nothing for any other stack. */
export function placeWithoutLine(stack: string): Attributes {
  let found: Attributes = {};
  quietly(() => {
    const place = placeIn(stack);
    // Most errors come from files that need no look.
    if (place === undefined || place.isSure) return;
    const { 'code.line.number': line, ...attributes } = place.attributes;
    if (line === undefined) found = attributes;
  });
  return found;
}

/**
 * Whether the lines of a frame are surely those of its file. Node names its modules by URLs, and those that are required it
 * knows. Another path may be that of code that was compiled and evaluated under the name, as Vite does, whose lines are others.
 */
function isSurelyOf(file: string): boolean {
  if (file.startsWith('file:') || process.sourceMapsEnabled) return true;
  return Reflect.get(Error, 'prepareStackTrace') !== NODES_OWN || isLoaded(file);
}
