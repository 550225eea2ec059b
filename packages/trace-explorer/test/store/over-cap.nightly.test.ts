import { encodeTraces } from '@tandem/otlp';
import t from 'tap';
import type { Explorer } from '../../../../benchmarks/lib/explorer-process.ts';
import { startExplorer } from '../../../../benchmarks/lib/explorer-process.ts';
import { until } from '../../../../test/helpers/until.ts';
import { canMount, makeVolume } from '../../../../test/helpers/volume.ts';
import { decoded } from '../spans.ts';
import { span } from './large-span.ts';

const MIB = 1024 ** 2;
const CAP_MIB = 24;
const VOLUME_MIB = 40;

async function statusOfSending({ otlpUrl }: Explorer): Promise<number> {
  const answer = await fetch(otlpUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/x-protobuf' },
    body: Buffer.from(encodeTraces(decoded([span(50_000)]))),
  });
  await answer.arrayBuffer();
  return answer.status;
}

async function ask(url: string, method = 'GET') {
  const answer = await fetch(url, { method });
  return { status: answer.status, body: (await answer.json()) as Record<string, never> };
}

t.setTimeout(240_000);
if (await canMount()) {
  t.test(
    'over its cap on a disk without room, an explorer that was killed starts, reads, deletes, evicts',
    async (t) => {
      t.setTimeout(240_000);
      const volume = await makeVolume(VOLUME_MIB);
      t.teardown(() => volume.remove());
      const environment = { DATA_DIR: volume.directory, EXPLORER_MAX_BYTES: `${CAP_MIB}MiB` };
      const first = await startExplorer(t, environment);
      await until(async () => (await statusOfSending(first)) === 503, { limitMs: 120_000, everyMs: 0 });
      process.kill(first.pid, 'SIGKILL');
      await until(() => !first.isRunning());

      const second = await startExplorer(t, environment);
      const { traces } = (await ask(`${second.origin}/api/traces?limit=50`)).body as unknown as {
        traces: { trace_id: string }[];
      };
      t.equal(traces.length, 50);
      for (const { trace_id } of traces.slice(0, 5))
        t.equal((await ask(`${second.origin}/api/traces/${trace_id}/outline`)).status, 200);
      const status = await ask(`${second.origin}/api/status`);
      t.match(status.body, { dropped: { bytes: Number } });
      t.ok((status.body as unknown as { bytes: number }).bytes < CAP_MIB * MIB, 'under its cap again');
      const one = await ask(`${second.origin}/api/traces/${traces.at(-1)?.trace_id}`, 'DELETE');
      t.match(one, { status: 200, body: { spans: 1 } });
      // More than the volume has room for: eviction makes room, also while the explorer runs.
      for (let taken = 0; taken < 200; taken++)
        await until(async () => (await statusOfSending(second)) === 200, { limitMs: 60_000, everyMs: 200 });
      // 503 while the file is opened anew, which makes room.
      const deleteAll = () => ask(`${second.origin}/api/traces?all=true`, 'DELETE');
      await until(async () => (await deleteAll()).status === 200, { everyMs: 200 });
      await until(async () => (await statusOfSending(second)) === 200, { everyMs: 200 });
    },
  );
}
