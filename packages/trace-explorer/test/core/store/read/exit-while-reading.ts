import { setTimeout as sleep } from 'node:timers/promises';
import { openStore } from '../../../../src/core/store/store.ts';

/** A process that exits while statements run that never end by themselves. Prints `reading` before. */
const [directory = '', exitCode] = process.argv.slice(2);
/** More than run at the same time. */
const STATEMENTS = 6;
/** Milliseconds until they run. */
const UNDER_WAY_MS = 500;

const store = await openStore({ directory });
for (let nth = 0; nth < STATEMENTS; nth++)
  store
    .read('SELECT sum(hash(range)) FROM range(1000000000000000)', [], { short: nth % 2 === 0 })
    .catch(() => {});
await sleep(UNDER_WAY_MS);
process.stdout.write('reading');
process.exit(Number(exitCode));
