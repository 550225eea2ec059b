import { writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { temporaryExplorer } from '../../explorer.ts';
import { makeRun, randomFrom } from '../../parts/report/server/compare/make-run.ts';
import { storeSpans, temporaryDirectory } from '../../spans.ts';
import { runCli } from './run-cli.ts';

const { app, store } = await temporaryExplorer(t);
await app.listen({ port: 0, host: '127.0.0.1' });
const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;

t.test('the name of a service is no command of the runner that reads the output', async (t) => {
  const service = '::error file=a,line=1::x';
  const random = randomFrom(7);
  for (const [run, more] of [
    ['main', {}],
    ['::warning::y', { userCalls: 7 }],
  ] as const)
    await storeSpans(
      store,
      makeRun(run, random, more).map((span) => ({
        ...span,
        service,
        start: BigInt(Date.now()) * 1_000_000n,
      })),
    );
  const file = join(temporaryDirectory(t), 'query.json');
  writeFileSync(file, JSON.stringify({ calculations: [{ op: 'COUNT' }], breakdowns: ['service.name'] }));
  for (const args of [
    ['verify'],
    ['verify', '--format', 'markdown'],
    ['query', file],
    ['compare', 'main', '::warning::y'],
  ]) {
    const { out } = await runCli(args[0] ?? '', [...args.slice(1), '--url', url]);
    t.match(out, /error|warning/, args.join(' '));
    t.notMatch(out, /^\s*::/m, args.join(' '));
  }
});
