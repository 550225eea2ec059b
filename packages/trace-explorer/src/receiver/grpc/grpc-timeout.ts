/** Milliseconds of each unit. */
const UNITS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/** The longest wait of a timer: 24 days. A call with a longer timeout has no limit. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Milliseconds that a sender waits for the answer to a call, by the header `grpc-timeout` (`10S`, `500m`:
 * https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md); undefined without a valid header.
 */
export function timeoutOf(header: string | readonly string[] | undefined): number | undefined {
  const [, digits, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(String(header ?? '')) ?? [];
  if (digits === undefined) return undefined;
  const timeout = Number(digits) * (UNITS[unit] ?? Number.NaN);
  return timeout <= LONGEST_MS ? timeout : undefined;
}
