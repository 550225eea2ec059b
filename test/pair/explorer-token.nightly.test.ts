import t from 'tap';
import { freePort, startNode, untilReady } from '../helpers/processes.ts';

const EXPLORER_TOKEN = 'a-token-of-24-characters';

t.test(
  'with an EXPLORER_TOKEN, the commands that send to the explorer and ask it bring it along',
  async (t) => {
    const [page, otlp] = [await freePort(), await freePort()];
    const env = {
      EXPLORER_TOKEN,
      EXPLORER_URL: `http://localhost:${page}`,
      OTLP_PORT: String(otlp),
      OTLP_GRPC_PORT: 'off',
      DATA_DIR: t.testdir(),
    };
    const explorer = startNode('packages/trace-explorer', ['start.js'], { ...env, PORT: String(page) });
    t.teardown(() => explorer.stop());
    await untilReady(explorer, `${env.EXPLORER_URL}/health/ready`);
    const run = async (...args: string[]) => {
      const command = startNode('.', args, env);
      return { code: await command.exited, output: command.output() };
    };
    const sent = await run('scripts/demo-data.ts', '--services', '8', '--spans', '1000');
    t.equal(sent.code, 0, sent.output);
    const elsewhere = ['--endpoint', `http://localhost:${otlp}`, '--services', '8', '--spans', '1000'];
    t.match(
      await run('scripts/demo-data.ts', ...elsewhere),
      { code: 1, output: /answered 401/ },
      'it is nobody else’s',
    );
  },
);
