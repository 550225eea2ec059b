/** Values of the 56 random bits of a trace: W3C's trace context, level 2. */
export const RANDOM_VALUES = 1n << 56n;
const RANDOM_DIGITS = 14;
const MAX_UINT64 = (1n << 64n) - 1n;

/** FNV-1a with 64 bits, begun with a salt. @returns the hash of a trace id, also of a short one */
export function traceHash(salt: string): (traceId: string) => bigint {
  const begin = fnv(Buffer.from(salt), 0xcbf29ce4, 0x84222325);
  return (traceId) => {
    const [high, low] = fnv(Buffer.from(wholeId(traceId), 'hex'), ...begin);
    return (BigInt(high) << 32n) | BigInt(low);
  };
}

/** All 32 digits: the store writes an id whose first half is 0 without it, as Honeycomb does. */
export function wholeId(traceId: string): string {
  return traceId.padStart(32, '0');
}

/** The prime is 2^40 + 0x1b3. The halves of the hash stay below 2^53 in each step. */
function fnv(bytes: Uint8Array, high: number, low: number): [high: number, low: number] {
  for (const byte of bytes) {
    const mixed = (low ^ byte) >>> 0;
    const product = mixed * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 2 ** 32) + (mixed << 8)) >>> 0;
    low = product >>> 0;
  }
  return [high, low];
}

/**
 * The largest hash that tail_sampling's probabilistic policy keeps. A power of two makes the ratio a whole number. Go rounds the
 * product to 64 digits first, which changes the last one at most.
 */
export function largestHash(ratio: number): bigint {
  if (ratio >= 1) return MAX_UINT64;
  return ratio > 0 ? (BigInt(Math.trunc(ratio * 2 ** 200)) * MAX_UINT64) >> 200n : 0n;
}

/** The threshold of a probability, as the Collector's pkg/sampling rounds it. Traces with fewer random bits are dropped. */
export function thresholdOf(probability: number): bigint {
  if (!(probability >= 2 ** -56)) return RANDOM_VALUES;
  return RANDOM_VALUES - BigInt(Math.round(Math.min(1, probability) * 2 ** 56));
}

/** How many traces one stands for that was kept at a threshold. */
export function rateOf(threshold: bigint): number {
  return 2 ** 56 / Number(RANDOM_VALUES - threshold);
}

/** The last 56 bits of a trace id. */
export function randomBits(traceId: string): bigint {
  return BigInt(`0x${traceId.slice(-RANDOM_DIGITS)}`);
}

/** OpenTelemetry's entry of a trace state: its own random bits, and whether anything was sampled by it. */
export function samplingOf(traceState: unknown): { readonly random?: bigint; readonly sampled: boolean } {
  const entry = String(traceState ?? '')
    .split(',')
    .find((state) => state.trim().startsWith('ot='));
  const pairs = new Map(
    (entry?.trim().slice(3).split(';') ?? []).map((pair) => [pair.slice(0, 2), pair.slice(3)] as const),
  );
  const random = /^[0-9a-f]{14}$/u.exec(pairs.get('rv') ?? '')?.[0];
  const sampled = /^[0-9a-f]{1,14}$/u.test(pairs.get('th') ?? '');
  return random === undefined ? { sampled } : { random: BigInt(`0x${random}`), sampled: true };
}
