import t from 'tap';
import { freePort, startNode, untilReady } from './helpers/processes.ts';

const EXPLORER_TOKEN = 'a-token-of-24-characters';

t.test(
  'with an EXPLORER_TOKEN, the commands that send to the explorer and ask it bring it along',
  async (t) => {
    const [page, otlp] = [await freePort(), await freePort()];
    const env = {
      EXPLORER_TOKEN,
      FRONTEND_URL: `http://localhost:${page}`,
      OTLP_PORT: String(otlp),
      OTLP_GRPC_PORT: 'off',
      DATA_DIR: t.testdir(),
    };
    const explorer = startNode('packages/trace-explorer', ['src/main.ts'], { ...env, PORT: String(page) });
    t.teardown(() => explorer.stop());
    await untilReady(explorer, `${env.FRONTEND_URL}/health/ready`);
    const run = async (...args: string[]) => {
      const command = startNode('.', args, env);
      return { code: await command.exited, output: command.output() };
    };
    const sent = await run('scripts/demo-data.ts', '--services', '8', '--spans', '1000');
    t.equal(sent.code, 0, sent.output);
    const scenario = { key: 'tandem.scenario', value: { stringValue: 'one' } };
    const span = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), name: 'one', attributes: [scenario] };
    const nano = String(BigInt(Date.now()) * 1_000_000n);
    const spans = [{ ...span, startTimeUnixNano: nano, endTimeUnixNano: nano }];
    const response = await fetch(`http://localhost:${otlp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${EXPLORER_TOKEN}` },
      body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] }),
    });
    t.equal(response.status, 200);
    const count = `
      import { countStoredSpans } from './scripts/lib/load/spans.ts';
      console.log(await countStoredSpans('${env.FRONTEND_URL}', 'one'));
    `;
    t.match(await run('--input-type=module', '-e', count), { code: 0, output: '1\n' });

    const elsewhere = ['--endpoint', `http://localhost:${otlp}`, '--services', '8', '--spans', '1000'];
    t.match(
      await run('scripts/demo-data.ts', ...elsewhere),
      { code: 1, output: /answered 401/ },
      'it is nobody else’s',
    );
  },
);
