import { DatabaseSync } from 'node:sqlite';

const database = new DatabaseSync(':memory:');
database.exec(`
  CREATE TABLE accounts (handle TEXT PRIMARY KEY, name TEXT);
  CREATE TABLE badges (handle TEXT PRIMARY KEY, badge TEXT);
  INSERT INTO accounts VALUES ('ada', 'Ada');
  INSERT INTO badges VALUES ('ada', 'gold');
`);

export function badgeOf(handle) {
  return database.prepare('SELECT badge FROM badges WHERE handle = ?').get(handle)?.badge;
}

/** An account for its page. Whoever mistypes a handle is told that there is none. */
export function accountOf(handle) {
  const account = database.prepare('SELECT name FROM accounts WHERE handle = ?').get(handle);
  if (account === undefined) throw new Error(`There is no account ${handle}`);
  return { handle, name: account.name };
}
