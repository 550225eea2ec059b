import t from 'tap';
import { ofSenders } from '../../packages/service-kit/src/settings/of-senders.ts';
import { temporaryExplorer } from '../../packages/trace-explorer/test/explorer.ts';
import { examineTee } from '../../scripts/lib/doctor/examine-tee.ts';

const NONE = { taken: 0, forwarded: 0, waiting: 0, refused: 0, dropped: 0 };
const STATUS = {
  to: 'https://api.honeycomb.io',
  is_honeycomb: true,
  traces: { taken: 13, forwarded: 7, waiting: 3, refused: 2, dropped: 1 },
  logs: NONE,
  metrics: NONE,
  problems: ['Spans did not reach https://api.honeycomb.io: 401, it refused the key.'],
};

t.test('the doctor says what is sent on, what was refused there, and what is sent twice', async (t) => {
  const tee = { accept: () => undefined, async begin() {}, async close() {}, status: () => STATUS };
  const { app } = await temporaryExplorer(t, { tee });
  const page = await app.listen({ host: '127.0.0.1', port: 0 });
  const env = { EXPLORER_FORWARD: 'honeycomb' };
  t.match(await examineTee(page, env, true), [
    { level: 'warning', what: /are there twice/, fix: /EXPLORER_FORWARD=honeycomb/ },
    {
      level: 'ok',
      what: 'The explorer sends on. To https://api.honeycomb.io since the start: 13 spans taken, 7 sent on, 3 waiting, 2 refused there, 1 dropped.',
    },
    { level: 'warning', what: /401, it refused the key/ },
  ]);
  t.equal((await examineTee(page, env, false)).length, 2);
  t.equal((await examineTee(page, { EXPLORER_FORWARD: 'http://elsewhere:4318' }, true)).length, 2);
  t.same(await examineTee('http://127.0.0.1:1', env, false), [], 'no explorer runs');
  t.same(await examineTee(page, {}, true), []);
});

t.test('with EXPLORER_FORWARD=honeycomb the services have no key', async (t) => {
  const HONEYCOMB_API_KEY = 'key';
  t.notHas(ofSenders({ HONEYCOMB_API_KEY, EXPLORER_FORWARD: 'honeycomb' }), { HONEYCOMB_API_KEY });
  for (const EXPLORER_FORWARD of ['', 'http://elsewhere:4318'])
    t.match(ofSenders({ HONEYCOMB_API_KEY, EXPLORER_FORWARD }), { HONEYCOMB_API_KEY });
});
