/** A larger share of failed calls is red. */
export const BAD_SHARE = 0.01;
/** Fewer calls in the time before do not show the usual share. */
export const ENOUGH = 30;
