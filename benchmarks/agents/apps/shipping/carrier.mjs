/** Milliseconds for an answer of the carrier, whose answers usually take 200 to 300. */
const TIMEOUT_MS = 120;

/** The price of a parcel. */
export async function quoteFor({ weight }) {
  const body = JSON.stringify({ weight });
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const answer = await fetch(`${process.env.PARTNER_URL}/quote?ms=250`, { method: 'POST', body, signal });
  return answer.json();
}
