import t from 'tap';
import { answerText } from '../../../src/core/tools/answer.ts';
import { whatIsWrong } from '../../../src/parts/causes/tools/causes.ts';
import { temporaryExplorer } from '../../explorer.ts';
import type { PlainSpan } from '../../spans.ts';
import { randomId, storeSpans } from '../../spans.ts';

/** A request that failed; each has another error. */
function failure(service: string, route: string, nth: number, startMs = Date.now() - 60_000): PlainSpan {
  return {
    ...{ traceId: randomId(16), service, name: `GET ${route}`, kind: 2, status: 2 },
    ...{ start: BigInt(startMs + nth) * 1_000_000n, durationMs: 5, resource: { 'tandem.run.id': 'now' } },
    attributes: { 'http.request.method': 'GET', 'http.route': route, 'http.response.status_code': 500 },
    events: [
      {
        name: 'exception',
        attributes: { 'exception.type': `Error${String.fromCharCode(65 + nth)}`, 'exception.message': 'no' },
      },
    ],
  };
}

t.test('what agents ask is answered, or refused with what there is', async (t) => {
  const { store, get, app } = await temporaryExplorer(t);
  await storeSpans(store, [
    ...Array.from({ length: 14 }, (_, nth) => failure('shop', '/orders', nth)),
    failure('bank', '/pay', 0),
    { ...failure('quiet', '/health', 0), status: 0, events: [], attributes: {} },
    failure('shop', '/old', 20, Date.now() - 30 * 60_000),
  ]);
  const ask = async (path: string) => (await get(path)).body;
  const asked = (args: object) => whatIsWrong.run(args, { ask, page: 'http://localhost:4319' } as never);
  const causesOf = async (args: object) =>
    (await asked({ limit: 50, ...args })).causes as { service: string }[];

  await t.test('left_out is the number that is left out, by the limit and by the size', async (t) => {
    for (const args of [{}, { run: 'now' }]) {
      const answer = await asked({ ...args, limit: 12 });
      const text = (characters: number) =>
        JSON.parse(
          answerText(answer, {
            ...{ tool: 'what_is_wrong', args: { ...args, limit: 12, characters } },
            input: whatIsWrong.input,
          }),
        );
      const whole = text(32_000);
      t.equal(whole.causes.length, 12);
      t.equal(whole.left_out.causes, whole.causes_total - 12);
      t.match(whole.next.at(-1), `"limit":${whole.causes_total}`);
      const cut = text(2000);
      t.ok(cut.causes.length < 12);
      t.equal(cut.left_out.causes, cut.causes_total - cut.causes.length);
    }
    const { left_out } = await asked({ limit: 50 });
    t.equal(left_out, undefined);
  });

  await t.test('since takes how long ago', async (t) => {
    t.equal((await causesOf({ since: '10m' })).length, 15);
    t.equal((await causesOf({ since: '1h' })).length, 16);
    t.equal((await causesOf({ since: '2d', until: '10m' })).length, 1);
    await t.rejects(asked({ since: '10 parsecs' }), /^since: must be a time such as .* 10m/);
  });

  await t.test(
    'a service and a route are taken, and an unknown one is refused with the known ones',
    async (t) => {
      for (const run of [undefined, 'now']) {
        t.equal((await causesOf({ run, service: 'bank' })).length, 1);
        t.equal((await causesOf({ run, route: 'GET /pay' })).length, 1);
        t.equal((await causesOf({ run, service: 'shop', route: 'GET /old' })).length, 1);
        t.equal((await causesOf({ run, service: 'quiet' })).length, 0, 'nothing is wrong with it');
        await t.rejects(
          asked({ run, service: 'bnak' }),
          /^service: nothing is called bnak; there are (?=.*bank)(?=.*quiet)(?=.*shop)/,
        );
        await t.rejects(
          asked({ run, service: 'bank', route: 'GET /old' }),
          /^route: .* there are GET \/pay$/,
        );
      }
    },
  );

  await t.test('a run whose command has not ended says so', async (t) => {
    const noteOf = async () => (await asked({ run: 'now' })).note;
    const tell = (more: object) =>
      app.inject({
        method: 'POST',
        url: '/api/code-folder',
        payload: { run: 'now', folder: '/srv', ...more },
      });
    t.equal(await noteOf(), undefined, 'nobody told when it began');
    await tell({});
    t.match(await noteOf(), /command ended: this is what has come so far/);
    await tell({ problems: 3, exit_code: 1 });
    t.equal(await noteOf(), undefined);
  });
});
