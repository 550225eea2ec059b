/** Most characters of a name. */
const LONGEST = 120;

/**
 * The parts of names that change with the run: ids, addresses of memory and folders, and numbers from four digits on
 * (ports, times, years). Status codes stay.
 */
const VALUES =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{16,}\b|(?:\/[\w.@-]{1,255}){2,}|\d{4,}/gi;

/** A test's name on one line, bounded, and equal in each run of the test: `…` stands for a value of the run. */
export function testName(name: string): string {
  const text = name
    .slice(0, 4 * LONGEST)
    .replace(VALUES, '…')
    .replace(/\s+/g, ' ')
    .trim();
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text || '(no name)';
}
