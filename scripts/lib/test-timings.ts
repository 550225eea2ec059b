import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ROOT } from '../../tools/root.ts';

/** Seconds that test files took, by file. */
export type Timings = Readonly<Record<string, number>>;

const PATH = join(ROOT, 'node_modules', '.cache', 'tandem', 'timings.json');

/** What earlier runs of this clone measured; empty in a fresh one. */
export function readTimings(path = PATH): Timings {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return {};
  }
}

/** Adds what a run measured, beside what another run has written meanwhile. A clone that is read-only keeps none. */
export function keepTimings(measured: Timings, path = PATH): void {
  const unfinished = `${path}.${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(unfinished, `${JSON.stringify({ ...readTimings(path), ...measured }, null, 1)}\n`);
    renameSync(unfinished, path);
  } catch {}
}

/**
 * Seconds of these files. One that nobody has measured counts as the average of the others; where none is known, those of the
 * repository count more, because they install, pack and start whole programs.
 */
export function secondsOf(files: readonly string[], timings: Timings): number {
  const known = Object.values(timings);
  const average = known.reduce((sum, each) => sum + each, 0) / known.length;
  const guess = (file: string) => (known.length > 0 ? average : file.startsWith('test/') ? 20 : 1);
  return files.reduce((sum, file) => sum + (timings[file] ?? guess(file)), 0);
}

/** Divides files among a number of processes, so that all take about as long: the longest file first, where there is most room. */
export function divide(files: readonly string[], processes: number, timings: Timings): string[][] {
  const filled = Array.from({ length: processes }, () => ({ seconds: 0, files: [] as string[] }));
  const seconds = new Map(files.map((file) => [file, secondsOf([file], timings)]));
  for (const file of files.toSorted((a, b) => (seconds.get(b) ?? 0) - (seconds.get(a) ?? 0))) {
    const [first, ...others] = filled;
    if (first === undefined) break;
    const least = others.reduce((best, each) => (each.seconds < best.seconds ? each : best), first);
    least.seconds += seconds.get(file) ?? 0;
    least.files.push(file);
  }
  return filled.map((each) => each.files.toSorted()).filter((each) => each.length > 0);
}
