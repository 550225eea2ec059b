import { setImmediate } from '../../common/primordials.ts';
import { quietly } from '../../common/quietly.ts';
import { noteShown } from '../../common/sources/known-files.ts';
import { MOST_FRAMES, ownError } from './call-sites.ts';
import { fileKindOf } from './file-kind.ts';
import { Place } from './place.ts';

/** A stack that was looked at. */
export interface Looked {
  /** The first frame of the app; undefined where none is there: an awaited builder hides its caller. */
  readonly place: Place | undefined;
  /** The first of these that is no helper; the same one where all are. */
  readonly beyond: Place | undefined;
  /** Whether a pool's own callback is below that frame. Then the frame may be that of whoever gave the connection back. */
  readonly isBehindPool: boolean;
}

/** Frames of the app that are kept where a map may tell that the first ones are a library's, in a bundle. */
export const MOST_MAPPED = 20;

/** Most of a look's time is V8's, for each frame: the next look asks for as many as the longest of its kind, then for all. */
export class Depth {
  frames = 1;
}

const anywhere = new Depth();

/**
 * Looks for the frame of the app that is nearest to the caller, through `await`.
 *
 * @param through the only package that may be below the frame; default: any
 * @param helpers names of functions that are helpers, whose callers are looked for, too; default: none
 */
export function lookUp(depth = anywhere, through?: RegExp, helpers?: RegExp): Looked {
  let isBehindPool = false;
  const most = process.sourceMapsEnabled ? MOST_MAPPED : 1;
  const found: Frame[] = [];
  let beyond = -1;
  const OwnError = ownError();
  OwnError.stackTraceLimit = depth.frames;
  let sites = new OwnError().stack as unknown as readonly Site[];
  let at = 0;
  for (; ; at++) {
    if (at === depth.frames && at < MOST_FRAMES) {
      OwnError.stackTraceLimit = MOST_FRAMES;
      sites = new OwnError().stack as unknown as readonly Site[];
    }
    const site = sites[at];
    if (site === undefined) break;
    // Code that was evaluated may name a file of the app, as Vite's does. Its lines are not those of the file.
    const shown = site.getFileName();
    const file = shown ?? (site.isEval() ? site.getScriptNameOrSourceURL() : '') ?? '';
    const kind = fileKindOf(file);
    if (kind === 'unknown') break;
    if (kind === 'app') {
      if (beyond < 0 && !helpers?.test(site.getFunctionName() ?? '')) beyond = found.length;
      found.push({ site, file, isShown: file === shown, position: site.getPosition() });
      if (beyond >= 0 && found.length === beyond + most) break;
    } else if (found.length === 0) {
      isBehindPool ||= kind === 'pool';
      if (through !== undefined && kind !== 'node' && !through.test(file)) break;
    }
  }
  depth.frames = Math.max(depth.frames, Math.min(at + 1, MOST_FRAMES));
  const place = knownPlace(found.slice(0, most));
  return { place, beyond: beyond > 0 ? knownPlace(found.slice(beyond)) : place, isBehindPool };
}

export type Site = NodeJS.CallSite & { getPosition(): number };

export interface Frame {
  readonly site: Site;
  readonly file: string;
  /** See `Site` of `place.ts`. */
  readonly isShown: boolean;
  readonly position: number;
}

/** Places by file, and by the position in it. A bundle's file is followed by the frames below. */
const places = new Map<string, Map<number, Place>>();
const MOST_PLACES = 10_000;
let count = 0;

/** One object for all calls of one place; undefined without a frame. */
export function knownPlace([first, ...below]: readonly Frame[]): Place | undefined {
  if (first === undefined) return undefined;
  const { file, isShown, position } = first;
  const named = isShown ? file : `evaluated ${file}`;
  const key = [named, ...below.map((frame) => `${frame.position} ${frame.isShown} ${frame.file}`)].join('\n');
  const known = places.get(key)?.get(position);
  if (known !== undefined) return known;
  const place = new Place(
    [first, ...below].map(({ site, file, isShown, position }) => ({
      file,
      isShown,
      position,
      line: site.getLineNumber() ?? 0,
      column: site.getColumnNumber() ?? 0,
      name: site.getFunctionName(),
    })),
  );
  setImmediate(() => quietly(() => place.attributes)).unref(); // after the call has begun
  for (const { file, isShown } of [first, ...below]) if (isShown) quietly(() => noteShown(file));
  if (count++ === MOST_PLACES) {
    places.clear();
    count = 1;
  }
  const inFile = places.get(key) ?? new Map<number, Place>();
  places.set(key, inFile.set(position, place));
  return place;
}
