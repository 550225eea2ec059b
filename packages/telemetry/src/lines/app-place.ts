import { quietly } from '../api/quietly.ts';
import { callSites } from './call-sites.ts';
import { isAppFile } from './own-file.ts';
import type { Site } from './place.ts';
import { Place } from './place.ts';

/** A stack that was looked at. */
export interface Looked {
  /** The first frame of the app; undefined where none is there: an awaited builder hides its caller. */
  readonly place: Place | undefined;
  /** Whether a pool's own callback is below that frame. Then the frame may be that of whoever gave the connection back. */
  readonly isBehindPool: boolean;
}

/** Files of pools whose callbacks start statements: of pg, and of mysql2. */
const POOL = /[\\/](?:pg-pool[\\/]|mysql2[\\/]lib[\\/](?:base[\\/])?pool)/;

/** Frames of the app that are kept where a map may tell that the first ones are a library's, in a bundle. */
const MOST_MAPPED = 20;

/**
 * Looks for the frame of the app that is nearest to the caller, through `await`.
 *
 * @param through the only package that may be below the frame; default: any
 */
export function lookUp(through?: RegExp): Looked {
  let isBehindPool = false;
  const most = process.sourceMapsEnabled ? MOST_MAPPED : 1;
  const sites: Site[] = [];
  for (const site of callSites()) {
    const file = site.getFileName();
    if (isAppFile(file)) {
      if (sites.push(siteOf(site, file)) === most) break;
    } else if (sites.length === 0 && file != null) {
      isBehindPool ||= POOL.test(file);
      if (through !== undefined && /[\\/]node_modules[\\/]/.test(file) && !through.test(file)) break;
    }
  }
  return { place: knownPlace(sites), isBehindPool };
}

function siteOf(site: NodeJS.CallSite, file: string): Site {
  const { getPosition } = site as NodeJS.CallSite & { getPosition(): number };
  return {
    file,
    position: getPosition.call(site),
    line: site.getLineNumber() ?? 0,
    column: site.getColumnNumber() ?? 0,
    name: site.getFunctionName(),
  };
}

const places = new Map<string, Place>();
const MOST_PLACES = 10_000;

/** One object for all calls of one place. */
function knownPlace(sites: readonly Site[]): Place | undefined {
  if (sites.length === 0) return undefined;
  const key = sites.map(({ position, file }) => `${position} ${file}`).join('\n');
  const known = places.get(key);
  if (known !== undefined) return known;
  const place = new Place(sites);
  setImmediate(() => quietly(() => place.attributes)).unref(); // after the call has begun
  if (places.size === MOST_PLACES) places.clear();
  places.set(key, place);
  return place;
}
