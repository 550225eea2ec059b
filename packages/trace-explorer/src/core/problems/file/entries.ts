import type { AcceptedEntry, Fingerprint } from './accepted.ts';
import { COMPARED } from './accepted.ts';

/** The file at the root of a repository. */
export const FILE_NAME = 'tandem-known.json';
/** Of the form that this code reads and writes. */
export const VERSION = 1;
/** A person reads no more. */
export const [MOST_ENTRIES, MOST_BYTES, LONGEST] = [2_000, 1024 * 1024, 2_000] as const;

/** What entries are sorted by. */
const ORDER = [...(['service', 'route', 'rule'] as const), ...COMPARED, 'file' as const];
/** The fields that each entry has, and those that it may have, as they are written. */
export const REQUIRED = ['rule', 'service', 'route', 'operation', 'by', 'why', 'since'] as const;
export const WRITTEN = [
  ...COMPARED,
  ...(['file', 'sentence', 'by', 'why', 'since', 'until'] as const),
] satisfies readonly (keyof AcceptedEntry)[];

/** Whether two sightings are one as far as their files tell: one of them may not know its file. */
export function haveOneFile({ file }: Pick<Fingerprint, 'file'>, other: Pick<Fingerprint, 'file'>): boolean {
  return file === undefined || other.file === undefined || file === other.file;
}

/**
 * Whether a file that its sender names whole may be that of an entry, which knows the end of its path.
 * @param place of the folder that was put in front of the end
 */
export function isEndOf({ file: end }: Pick<Fingerprint, 'file'>, file: string, place = '.'): boolean {
  const path = file.replaceAll('\\', '/');
  return [end, end?.startsWith(`${place}/`) ? end.slice(place.length + 1) : end].some(
    (each) => each === undefined || path.endsWith(`/${each}`),
  );
}

/** For sorting: by service, route and rule, then by the rest. */
export function byPlace(a: Fingerprint, b: Fingerprint): number {
  for (const name of ORDER) {
    const [one, other] = [a[name] ?? '', b[name] ?? ''];
    if (one !== other) return one < other ? -1 : 1;
  }
  return 0;
}

/** Whether an entry has ended on a day. @param today `2026-11-29`, where the command runs */
export function isEnded({ until }: Pick<AcceptedEntry, 'until'>, today: string): boolean {
  return until !== undefined && until < today;
}

/** The day of a moment where this process runs: `2026-11-29`. */
export function dayOf(time: Date): string {
  const [month, day] = [time.getMonth() + 1, time.getDate()].map((number) => String(number).padStart(2, '0'));
  return `${String(time.getFullYear()).padStart(4, '0')}-${month}-${day}`;
}

/** Whether a text is a day of the calendar. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const time = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(time.getTime()) && time.toISOString().startsWith(text);
}
