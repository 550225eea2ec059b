import type { AddressInfo } from 'node:net';
import { decodedLogs } from '@tandem/otlp/testing';
import t from 'tap';
import { until } from '../../../../../test/helpers/until.ts';
import { temporaryExplorer } from '../../explorer.ts';
import { decoded, randomId } from '../../spans.ts';
import { cutStatements } from '../store/break-duckdb.ts';
import { EventStream } from './event-stream.ts';

for (const [path, event] of [
  ['/api/live', 'traces'],
  ['/api/logs/tail', 'logs'],
] as const)
  t.test(
    `${path}: a read whose rows are cut ends the stream, and a client that comes back misses nothing`,
    async (t) => {
      const { app, store } = await temporaryExplorer(t, { live: { intervalMs: 20 } });
      await app.listen({ port: 0, host: '127.0.0.1' });
      const { port } = app.server.address() as AddressInfo;
      const open = async (lastEventId?: string) => {
        const stream = await EventStream.open(`http://127.0.0.1:${port}${path}`, lastEventId);
        t.teardown(() => stream.close());
        return stream;
      };
      const write = (name: string) =>
        event === 'traces'
          ? store.write(decoded([{ traceId: randomId(16), spanId: randomId(8), name }]))
          : store.write(decodedLogs([{ body: name }]));
      const first = await open();
      await first.next('hello');
      await write('before');
      let { id } = await first.next(event);
      for (let statement = 0; statement < 200; statement++) {
        const stream = await open(id);
        await stream.next('hello');
        let isEnded = false;
        stream.response.once('close', () => {
          isEnded = true;
        });
        first.close();
        const { cut, restore } = cutStatements(t, (each) => each === statement);
        await write(`cut ${statement}`);
        const next = await Promise.race([until(() => isEnded).then(() => undefined), stream.next(event)]);
        restore();
        if (cut() === 0) {
          t.ok(next !== undefined, `whole, with ${statement} statements`);
          t.ok(statement > 0);
          break;
        }
        t.equal(next, undefined, `no event without the rows of statement ${statement}`);
        const back = await open(id);
        const missed = await back.next(event);
        t.match(JSON.stringify(missed.data), new RegExp(`cut ${statement}`, 'u'));
        id = missed.id;
        back.close();
      }
    },
  );
