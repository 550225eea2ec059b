import { encodeLogs } from '@tandem/otlp';
import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { backend, isBalanced, ofDataset, spans, start } from './started-tee.ts';

/** More datasets than send at a time. */
const MANY = 40;

t.test(
  'more datasets than send at a time take turns, also the bodies that a stopped explorer left',
  async (t) => {
    const there = await backend(t);
    const { answer } = there;
    there.answer = () => ({ status: 401 });
    const first = await start(t, there.url);
    const names = (kind: string) => Array.from({ length: MANY }, (_, i) => `${kind} ${i}`);
    const send = async (kind: string) => {
      for (const [i, name] of names(kind).entries()) {
        t.equal((await first.post(spans(name), ofDataset(`d${i}`))).status, 200);
        const log = encodeLogs(decodedLogs([{ body: name }]));
        t.equal((await first.post(log, ofDataset(`d${i}`), 'logs')).status, 200);
      }
    };
    await send('one');
    t.match(first.tee.status(), {
      traces: { taken: MANY, waiting: MANY, dropped: 0 },
      logs: { taken: MANY, waiting: MANY, dropped: 0 },
    });
    there.answer = answer;
    await until(() => first.count().waiting === 0 && first.tee.status().logs.waiting === 0);
    t.same(there.accepted.toSorted(), names('one').toSorted());
    t.same(there.acceptedLogs.toSorted(), names('one').toSorted());
    there.answer = () => ({ status: 401 });
    await send('two');
    await first.stop();
    there.reset();
    there.answer = answer;
    const second = await start(t, there.url, {}, first.directory);
    await until(() => second.count().waiting === 0 && second.tee.status().logs.waiting === 0);
    t.same(there.accepted.toSorted(), names('two').toSorted());
    t.same(there.acceptedLogs.toSorted(), names('two').toSorted());
    t.equal(there.requests[0]?.headers['x-honeycomb-dataset']?.slice(0, 1), 'd');
  },
);

t.test('datasets that the receiver refuses for long keep no others from their turns', async (t) => {
  const there = await backend(t);
  const isRefused = (dataset: unknown) => Number(String(dataset).slice(1)) < MANY;
  there.answer = ({ headers }) => ({ status: isRefused(headers['x-honeycomb-dataset']) ? 403 : 200 });
  const { post, count } = await start(t, there.url);
  for (let i = 0; i < 2 * MANY; i++) await post(spans(`span ${i}`), ofDataset(`d${i}`));
  await until(() => count().forwarded === MANY, { what: () => JSON.stringify(count()) });
  t.match(count(), { waiting: MANY, dropped: 0 });
});

t.test('at the cap the oldest are dropped, however many datasets wait', async (t) => {
  const there = await backend(t);
  there.answer = () => ({ status: 401 });
  const { post, count } = await start(t, there.url, { maxBytes: 50 * 4096 });
  for (let i = 0; i < 60; i++) await post(spans(`span ${i}`), ofDataset(`d${i}`));
  t.match(count(), { taken: 60, waiting: 50, dropped: 10 });
  t.ok(isBalanced(count()));
});
