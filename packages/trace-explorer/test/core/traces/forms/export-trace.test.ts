import t from 'tap';
import { exportTraces } from '../../../../src/core/traces/forms/export-trace.ts';
import { at, ids, temporaryExplorer } from '../../../explorer.ts';
import { storeLogs, storeSpans } from '../../../spans.ts';

const id = ids();

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

t.test('many traces are exported as each alone, and found by one scan', async (t) => {
  const { store, app } = await temporaryExplorer(t);
  const traceIds = Array.from({ length: 12 }, (_, n) => id(`trace ${n}`, 16));
  for (let round = 0; round < 2; round++)
    await storeSpans(
      store,
      traceIds.map((traceId, n) => ({ traceId, spanId: id(`${round} ${n}`), name: `${n}`, start: at(n) })),
    );
  await storeSpans(store, [{ traceId: traceIds[0] ?? '', spanId: id('0 0'), name: '0', start: at(0) }]);
  await storeLogs(store, [{ traceId: traceIds[1] ?? '', spanId: id('0 1'), body: 'a line', time: at(1) }]);
  const scans: string[] = [];
  const read = store.read.bind(store);
  store.read = (sql, ...rest) => {
    if (/ IN \(\$1, /.test(sql)) scans.push(sql);
    return read(sql, ...rest);
  };
  const asked = [...traceIds, id('not there', 16)];
  const together = await textOf(exportTraces(store, asked));
  t.equal(scans.length, 2, 'one for rows, one for spans that came twice');
  const alone: string[] = [];
  for (const traceId of traceIds) alone.push(await textOf(exportTraces(store, [traceId])));
  t.equal(together, alone.join(''));
  t.equal(together.split('"spanId"').length - 1, 2 * traceIds.length + 1, 'each span once, and the line');

  const query = asked.map((each) => `trace_id=${each}`).join('&');
  t.equal((await app.inject(`/api/export?${query}`)).body, together);
});
