import { formatDuration } from '../../lib/text/format-duration.ts';
import type { Place } from './place.ts';

/** A part of an answer, as a person reads it: in a terminal, in Markdown, or on the page. Its texts may be a sender's. */
export interface Section {
  /** Empty where the sentences are about all sections before. */
  readonly title: string;
  /** Whether all of it is bad news, or good. */
  readonly news?: 'bad' | 'good' | undefined;
  /** What is said of all rows. */
  readonly sentences: readonly string[];
  /** Heads of the rows' cells, which are a table then. */
  readonly columns?: readonly string[];
  readonly rows: readonly Row[];
}

/** One thing that a section tells. */
export interface Row {
  /** Bad news or good, odd, not known, left out. A terminal writes rows with a sign below each other, and no table. */
  readonly sign?: '✗' | '✓' | '!' | '?' | '-';
  /** What it is about, and what is said of that; in a table more, the longest last. */
  readonly cells: readonly string[];
  /** What else is known of it. */
  readonly details?: readonly string[];
  readonly measured?: Measured;
  /** Where the page shows it. */
  readonly place?: Place;
  /** Its address for a reader elsewhere. */
  readonly link?: string | undefined;
}

/** A figure before and now; without one before, what something took, and its own part of that. */
export interface Measured {
  readonly before?: number;
  readonly now: number;
  readonly own?: number;
  readonly unit: 'ms' | 'calls';
}

/** A measured value with its unit: `1.50 s`, `7`. */
export function measuredText(value: number, unit: Measured['unit']): string {
  return unit === 'ms' ? formatDuration(value) : String(Number(value.toPrecision(3)));
}

/** The first rows of a section, and a row that says how many more it has. */
export function firstRows(section: Section, most: number): Section {
  const more = section.rows.length - most;
  if (more <= 0) return section;
  return { ...section, rows: [...section.rows.slice(0, most), { cells: [`and ${more} more`] }] };
}
