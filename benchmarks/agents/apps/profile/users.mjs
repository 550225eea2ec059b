/** A user of the directory. */
export async function userOf(handle) {
  const answer = await fetch(`${process.env.PARTNER_URL}/users/${handle}?ms=70`);
  return answer.ok ? answer.json() : undefined;
}

/** What a user has chosen, which depends on the user's plan. */
export async function settingsOf(handle) {
  const user = await userOf(handle);
  const answer = await fetch(`${process.env.PARTNER_URL}/settings/${user.path}?ms=5`);
  return answer.json();
}
