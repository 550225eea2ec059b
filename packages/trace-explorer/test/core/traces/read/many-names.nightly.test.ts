import t from 'tap';
import { readTraceRecords } from '../../../../src/core/traces/read/read-records.ts';
import { randomId, storeSpans, temporaryStore } from '../../../spans.ts';

const SPANS = 100_000;
const BATCH = 5000;

t.setTimeout(300_000);

t.test(
  'a trace of 100,000 spans that all have another name is read with less memory than there is',
  async (t) => {
    // The explorer has 160 MB, of which writing takes some.
    const store = await temporaryStore(t, { memoryMb: 80 });
    const traceId = randomId(16);
    for (let first = 0; first < SPANS; first += BATCH) {
      const spans = Array.from({ length: BATCH }, (_, i) => ({
        traceId,
        service: `service-${first}`,
        name: `an operation whose name has a number at its end, ${first + i}`,
      }));
      await storeSpans(store, spans);
    }
    for (let read = 0; read < 3; read++) {
      const { records } = await readTraceRecords(store, traceId);
      t.equal(records.length, SPANS);
      t.match(records.at(0)?.name, /, 0$/, 'in order of arrival');
      t.match(records.at(-1)?.name, /, 99999$/);
    }
  },
);
