import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { startNode } from '../../../../test/helpers/processes.ts';
import { until } from '../../../../test/helpers/until.ts';
import { startReceiver } from '../receiver.ts';
import { spoolFilesIn } from './harness.ts';

const FOLDER = join(import.meta.dirname, '..');

/** The example of the README, which has a plain NodeTracerProvider. */
const [, example = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(FOLDER, 'README.md'), 'utf8')) ?? [];

t.test(
  'the example of the README loses no span of a process that ends while its backend is down',
  async (t) => {
    const data = t.testdir();
    const receiver = await startReceiver(t, { status: 503 });
    const files = () => (existsSync(join(data, 'spool')) ? spoolFilesIn(data) : []);
    const run = (rest: string) => {
      const script = example.replace("'.data'", JSON.stringify(data)) + rest;
      const child = startNode('packages/durable-export', ['--input-type=module', '--eval', script], {
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      });
      t.teardown(() => child.stop('SIGKILL'));
      return child;
    };
    const first = run('process.exit(0);');
    t.equal(await first.exited, 0, first.output());
    t.equal(files().length, 1, 'the span is on disk');
    t.same(receiver.accepted, []);

    receiver.answer = () => ({ status: 200 });
    run('setInterval(() => {}, 1_000);');
    await until(() => receiver.accepted.length === 2);
    t.same(receiver.accepted, ['sale', 'sale'], 'its own span, and that of the first process');
    await until(() => files().length === 0);
  },
);
