import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { isRefused } from '../../../../src/core/failures.ts';
import { openStore } from '../../../../src/core/store/store.ts';
import { decoded, temporaryDirectory, WHOLE_FILE } from '../../../spans.ts';

const SPANS = 12_000;
/** Bytes of DuckDB's blocks in the store's file, and of the headers before them. */
const [BLOCK_BYTES, HEADER_BYTES] = [32_768, 12_288];
/** Every so manieth block is damaged, one at a time. */
const EVERY = 5;

t.test('a read that meets a damaged block is refused, and any other has all rows', async (t) => {
  const directory = temporaryDirectory(t);
  // A small cap has small row groups: a reader takes some rows before it meets the block.
  const options = { directory, maxBytes: 64 * 1024 * 1024 };
  const store = await openStore({ ...options, ...WHOLE_FILE });
  const payload = () => Buffer.from(crypto.getRandomValues(new Uint8Array(150))).toString('hex');
  for (let stored = 0; stored < SPANS; stored += 1_000)
    await store.write(decoded(Array.from({ length: 1_000 }, () => ({ attributes: { payload: payload() } }))));
  await store.close();
  const file = join(directory, 'explorer.duckdb');
  const whole = readFileSync(file);
  let refused = 0;
  for (let at = HEADER_BYTES; at < whole.byteLength; at += BLOCK_BYTES * EVERY) {
    writeFileSync(file, Buffer.from(whole).fill(0xff, at + 5_000, at + 6_000));
    // The start may meet the block already.
    const damaged = await openStore(options).catch(() => undefined);
    if (damaged === undefined) continue;
    let rows = 0;
    const read = damaged.read('SELECT * FROM spans', [], { take: () => void rows++ });
    const error = await read.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error === undefined) t.equal(rows, SPANS, `damage at ${at}`);
    else t.ok(isRefused(error, 'STORE_DAMAGED'), String(error));
    if (error !== undefined) refused++;
    await damaged.close();
  }
  t.ok(refused > 5, `${refused} reads were refused`);
});
