import { pbkdf2Sync, timingSafeEqual } from 'node:crypto';

const ROUNDS = 900_000;
const SALT = 'a salt of the shop';
const RIGHT = digest('open sesame');

function digest(password) {
  return pbkdf2Sync(password, SALT, ROUNDS, 32, 'sha256');
}

/** Whether a password is the right one. */
export function isRight(password) {
  const given = digest(password);
  return timingSafeEqual(given, RIGHT);
}
