import t from 'tap';
import { tryRules } from '../../../../src/parts/sampling/server/try-rules.ts';
import { rootless } from '../../../explorer.ts';
import { storeSpans, temporaryStore } from '../../../spans.ts';

const ALL = { start: 0n, end: 9_000_000_000_000_000_000n };

for (const [name, kind] of Object.entries({ SERVER: 2, CONSUMER: 5, INTERNAL: 1 }))
  t.test(`figures count a trace without a root by its first stored span, a ${name} span`, async (t) => {
    const store = await temporaryStore(t);
    await storeSpans(store, Array.from({ length: 6 }, () => rootless(kind, 12)).flat());
    const asked = { rules: [], keep: 10 } as unknown as Parameters<typeof tryRules>[1];
    const { trials } = await tryRules(store, asked, ALL);
    t.match(trials[0]?.figures, [{ service: 'behind', route: 'take order', count: { truth: 6 } }]);
  });
