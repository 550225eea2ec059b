/** Response header of a service that was started with `note-leaving.ts`: when the answer left, by `monotonicMs`. */
export const LEFT_HEADER = 'x-left-at';

/** Milliseconds on a clock that all processes of this machine share. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
