import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { encodeTraces } from '@tandem/otlp';
import t from 'tap';
import { until } from '../../../../../../test/helpers/until.ts';
import { encodeRecord, findRecords } from '../../../../src/core/store/journal/journal.ts';
import { openStore } from '../../../../src/core/store/store.ts';
import { decoded, temporaryDirectory } from '../../../spans.ts';

const PROCESS = fileURLToPath(import.meta.resolve('./stuck-record.ts'));

t.test('a record that stopped a start is left aside by the next, on disk, with a notice', async (t) => {
  const directory = temporaryDirectory(t);
  const plain = encodeTraces(decoded([{ name: 'plain' }]));
  const record = { signal: 'traces' as const, rows: 1, received: Date.now() };
  const records = [
    { ...record, seq: 1, body: plain },
    { ...record, seq: 2, body: gzipSync(encodeTraces(decoded([{ name: 'endless' }]))) },
    { ...record, seq: 3, body: plain },
  ];
  const segment = Buffer.alloc(8 * 1024 * 1024);
  Buffer.concat(records.flatMap(encodeRecord)).copy(segment);
  writeFileSync(join(directory, 'explorer-000000000001.journal'), segment);
  const start = () => spawn(process.execPath, [PROCESS, directory], { stdio: ['ignore', 'pipe', 'inherit'] });

  const first = start();
  await until(() => existsSync(join(directory, 'stuck-record')));
  first.kill('SIGKILL');
  await once(first, 'close');
  const second = start();
  let said = '';
  second.stdout.on('data', (chunk) => {
    said += chunk;
  });
  await until(() => /^open\n.*1 spans? arrived.*rejected\.journal/s.test(said), {
    what: () => `the notice of what was put aside in: ${said}`,
  });
  second.kill('SIGKILL');
  await once(second, 'close');

  const store = await openStore({ directory });
  t.teardown(() => store.close());
  t.equal(store.stats().rows, 2);
  const { records: aside } = findRecords(readFileSync(join(directory, 'rejected.journal')));
  t.same([...new Set(aside.map(({ seq }) => seq))], [2]);
  t.same(aside[0]?.body, records[1]?.body);
});
