const USUAL = 'Good day';

/** The greeting of the reader's region. */
export async function greetingFor({ name }) {
  let greeting = USUAL;
  try {
    const answer = await fetch(`${process.env.PARTNER_URL}/greetings/region?status=500`);
    if (!answer.ok) throw new Error(`Greetings answered ${answer.status}`);
    greeting = (await answer.json()).greeting;
  } catch {
    // The usual one, then.
  }
  return `${greeting}, ${name}`;
}
