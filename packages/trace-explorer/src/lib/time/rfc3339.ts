/** RFC 3339 in UTC with nanoseconds. Times beyond the range of a date are clamped. */
export function rfc3339(nanoseconds: bigint): string {
  const seconds = nanoseconds / 1_000_000_000n;
  const limited = seconds > 253_402_300_799n ? 253_402_300_799n : seconds;
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, '0');
  return `${new Date(Number(limited) * 1000).toISOString().slice(0, 19)}.${fraction}Z`;
}
