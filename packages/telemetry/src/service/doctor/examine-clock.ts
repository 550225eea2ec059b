import { parseDate, systemNow } from '../../common/primordials.ts';
import type { Destination } from '../../process/settings/destinations.ts';
import type { Finding } from './finding.ts';

const check = 'clock';

/** From about this difference, in milliseconds, waterfalls of several machines look wrong. */
const SKEW_MS = 2_000;
/** From about this difference, in milliseconds, certificates and a backend's time ranges fail. */
const WRONG_TIME_MS = 300_000;

/**
 * Compares this machine's clock with the Date header (RFC 9110, section 6.6.1) of a destination's answer. Sends no
 * credentials. Finds nothing without an answer in time, or without a date.
 */
export async function examineClock({ url }: Destination, timeoutMs: number): Promise<Finding[]> {
  const { origin, host } = new URL(url);
  try {
    const sent = systemNow();
    const signal = AbortSignal.timeout(timeoutMs);
    const { headers } = await fetch(origin, { method: 'HEAD', redirect: 'manual', signal });
    const received = systemNow();
    const date = parseDate(headers.get('date') ?? '');
    if (Number.isNaN(date)) return [];
    // Date has whole seconds. The moment of Date within the round trip is unknown.
    return [describe(host, date + 500 - (sent + received) / 2, 500 + (received - sent) / 2)];
  } catch {
    return []; // another check asks for OTLP
  }
}

/** @param offsetMs positive: the clock of the destination is ahead */
function describe(place: string, offsetMs: number, uncertaintyMs: number): Finding {
  const data = {
    destination: place,
    offset_ms: Math.round(offsetMs),
    uncertainty_ms: Math.round(uncertaintyMs),
  };
  const surely = Math.abs(offsetMs) - uncertaintyMs;
  if (surely < SKEW_MS) return { check, level: 'ok', what: `As that of ${place}, to the second.`, data };
  const seconds = `${(Math.abs(offsetMs) / 1000).toFixed(1)} s ${offsetMs > 0 ? 'behind' : 'ahead of'}`;
  const level = surely < WRONG_TIME_MS ? 'warning' : 'problem';
  const what = `This machine's clock is ${seconds} that of ${place}: its spans stand at the wrong time, and beside those of other machines.`;
  return { check, level, what, fix: TO_SET_CLOCK, data };
}

const TO_SET_CLOCK =
  "Set this machine's clock: `sudo timedatectl set-ntp true` on Linux (a container has its host's; WSL: `wsl --shutdown`), " +
  '`sudo sntp -sS time.apple.com` on a Mac, `w32tm /resync` as administrator on Windows.';
