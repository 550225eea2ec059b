/** A larger share of failed calls is red. */
const BAD_SHARE = 0.01;
/** Fewer calls in the time before do not show the usual share. */
export const ENOUGH = 30;

/** The one rule of red, for shares of failed calls: over 1 %, or twice the usual where the usual is known. */
export function isBad(share: number, usual?: number): boolean {
  return share > BAD_SHARE || (usual !== undefined && share > 2 * usual);
}

/** Whether only the usual share tells that a share is red. */
export function needsUsual(errors: number, count: number): boolean {
  return errors > 0 && errors / count <= BAD_SHARE;
}
