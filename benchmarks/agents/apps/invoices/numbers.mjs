import { setTimeout as sleep } from 'node:timers/promises';

let last = 1000;

/** The next number of an invoice. */
export async function numberFor() {
  const number = ++last;
  await settled();
  return number;
}

/** Lets others finish what they began. */
async function settled() {
  for (let round = 0; round < 8; round++) {
    await sleep(50);
  }
}
