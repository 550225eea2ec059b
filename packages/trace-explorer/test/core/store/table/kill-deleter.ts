import { openStore } from '../../../../src/core/store/store.ts';
import { randomId, storeSpans } from '../../../spans.ts';

/** The process that delete.system.test.ts kills while it deletes; prints a line when it has begun. */
const [directory = '', what] = process.argv.slice(2);
const store = await openStore({ directory });
const before = BigInt(Date.now() - 3_600_000) * 1_000_000n;
for (const start of [before - 1n, undefined]) {
  const spans = Array.from({ length: 3_000 }, () => ({
    traceId: randomId(16),
    attributes: { noise: randomId(16) },
    ...(start !== undefined && { start }),
  }));
  await storeSpans(store, spans);
}
const deleting = store.delete(what === 'all' ? { all: true } : { before });
process.stdout.write('deleting\n');
await deleting;
// Whoever kills it comes late: it stays as it is.
setInterval(() => {}, 1_000);
