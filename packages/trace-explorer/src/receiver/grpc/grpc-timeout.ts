/** Milliseconds of each unit. */
const UNITS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** What a timer can wait: 24 days. A sender that gives more waits as long as it likes. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Milliseconds that a sender waits for the answer to its call, by its header `grpc-timeout` (`10S`, `500m`:
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md); undefined where it names none, or none that is one.
 */
export function timeoutOf(header: string | readonly string[] | undefined): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(String(header ?? '')) ?? [];
  if (digits === undefined) return undefined;
  const timeout = Number(digits) * (UNITS[unit] ?? Number.NaN);
  return timeout <= LONGEST_MS ? timeout : undefined;
}
