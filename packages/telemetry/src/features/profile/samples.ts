import type { Profiler } from 'node:inspector';
import { dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hrtime, setInterval } from '../../common/primordials.ts';
import { isKnown } from '../../common/sources/known-files.ts';
import { sourceOf } from '../../common/sources/map-source.ts';

/**
 * Microseconds between two samples. Sampling adds some 8 % to the processor time of a request, and 10 % to a request with a
 * thousand calls into Node's own code. An interval of 5,000 adds as much.
 */
const INTERVAL_US = 1000;
/** The longest time of a window of samples, in milliseconds, and how long a closed window is kept, in microseconds. */
const WINDOW_MS = 10_000;
const KEPT_US = 60_000_000;
/** A reader closes no window so soon after the last one, in microseconds. */
const FRESH_US = 100_000;

/** V8's name for the time in which the event loop waited. */
export const WAITED = '(idle)';

/** Start and end, in microseconds of the process's monotonic clock. */
export type Interval = readonly [from: number, to: number];

/** Finds the functions that ran in consecutive intervals. Returns the sampled microseconds of each function. */
export type WhatRan = (intervals: readonly Interval[]) => Map<string, number>;

/** The present time by V8's clock, which `process.hrtime` shares, in microseconds. */
export function nowUs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1e6 + nanoseconds / 1e3;
}

/**
 * Samples the running functions of this process every millisecond. A window begins before the last window is closed.
 * Otherwise V8's profiler reads the whole heap anew, which takes some 200 ms. Closing a window takes 0.3 ms.
 *
 * @returns undefined in a Node without an inspector
 */
export function sampleProcess(): WhatRan | undefined {
  // Without a profile, a process loads no inspector.
  const inspector = process.getBuiltinModule('node:inspector');
  if (inspector === undefined) return undefined;
  const session = new inspector.Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: INTERVAL_US });
  let windows: { readonly endTime: number; readonly samples: readonly Sample[] }[] = [];
  session.on('Profiler.consoleProfileFinished', ({ params: { profile } }) => {
    const { endTime } = profile;
    windows = windows.filter((window) => window.endTime > endTime - KEPT_US);
    windows.push({ endTime, samples: samplesOf(profile) });
  });
  let count = 0;
  const titleOf = (number: number) => `tandem own time ${number}`;
  inspector.console.profile(titleOf(count));
  const closeWindow = () => {
    inspector.console.profile(titleOf(++count));
    inspector.console.profileEnd(titleOf(count - 1));
  };
  setInterval(closeWindow, WINDOW_MS).unref();
  return (intervals) => {
    if (nowUs() - (windows.at(-1)?.endTime ?? 0) > FRESH_US) closeWindow();
    const ran = new Map<string, number>();
    const [[first] = [0]] = intervals;
    for (const { from, to, what } of windows.flatMap((window) => window.samples)) {
      if (to < first || what === '') continue;
      for (const [start, end] of intervals) {
        const time = Math.min(to, end) - Math.max(from, start);
        if (time > 0) ran.set(what, (ran.get(what) ?? 0) + time);
      }
    }
    return ran;
  };
}

/** The function that ran from one sample to the next. */
interface Sample {
  readonly from: number;
  readonly to: number;
  readonly what: string;
}

function samplesOf({ startTime, endTime, nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Sample[] {
  const parents = new Map(nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node])));
  const names = new Map(nodes.map((node) => [node.id, nameOf(node, parents)]));
  let at = startTime;
  const starts = timeDeltas.map((delta) => (at += delta));
  return samples.map((node, index) => ({
    from: starts[index] ?? endTime,
    to: starts[index + 1] ?? endTime,
    what: names.get(node) ?? '',
  }));
}

/** The place of this code: its own time is not time of a request. */
const HERE = dirname(fileURLToPath(import.meta.url));

/** From this column on, a line is of a minified file, and does not tell a function from another. */
const LONG_LINE = 200;

/**
 * The innermost function of the app, else of a package, else of Node: `hashPassword (src/auth.js:31)`. Empty for this code's
 * own functions.
 */
function nameOf(node: Profiler.ProfileNode, parents: ReadonlyMap<number, Profiler.ProfileNode>): string {
  const stack: Profiler.ProfileNode[] = [];
  for (let each: Profiler.ProfileNode | undefined = node; each; each = parents.get(each.id)) stack.push(each);
  const inFile = stack.filter(({ callFrame }) => /^(?:file:|\/|[A-Za-z]:\\)/.test(callFrame.url));
  const own = inFile.find(({ callFrame }) => !/[\\/]node_modules[\\/]/.test(callFrame.url));
  const { functionName, url, lineNumber, columnNumber } = (own ?? inFile[0] ?? node).callFrame;
  const path = url.startsWith('file:') ? fileURLToPath(url) : url;
  if (path.startsWith(HERE)) return '';
  const name = functionName || 'an anonymous function';
  if (url === '' || url.startsWith('node:')) return name;
  // V8 does not tell a file's code from evaluated code that names the file.
  const source = isKnown(path, true) ? sourceOf(path, lineNumber + 1, columnNumber + 1) : undefined;
  const { file, line } = source ?? { file: path, line: lineNumber + 1 };
  const isLong = source === undefined && columnNumber >= LONG_LINE;
  return `${name} (${relative(process.cwd(), file)}:${line}${isLong ? `:${columnNumber + 1}` : ''})`;
}
