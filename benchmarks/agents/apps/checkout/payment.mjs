const ATTEMPTS = 8;

/** Takes the money. Some banks are down for minutes. */
export async function pay(total) {
  let last;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const answer = await fetch(`${process.env.PARTNER_URL}/charge?status=503`, {
      method: 'POST',
      body: JSON.stringify({ total }),
    });
    if (answer.ok) return answer.json();
    last = new Error(`The bank answered ${answer.status}`);
  }
  throw last;
}
