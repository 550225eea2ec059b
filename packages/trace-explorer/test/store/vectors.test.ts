import type { DuckDBType } from '@duckdb/node-api';
import { BLOB, DuckDBDataChunk, VARCHAR } from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';
import t from 'tap';
import { CHUNK_ROWS, fillTexts } from '../../src/store/vectors.ts';

/** What a chunk has of texts or bytes that were written into it. */
function written(
  values: readonly (string | Uint8Array | undefined)[],
  type: DuckDBType = VARCHAR,
): unknown[] {
  const chunk = DuckDBDataChunk.create([type]);
  chunk.rowCount = values.length;
  fillTexts(duckdb.data_chunk_get_vector(chunk.chunk, 0), values, 0, values.length);
  return chunk.getColumnValues(0).map((value) => (value === null ? undefined : value));
}

t.test('Texts of every length are what was given, in a chunk of their own', async (t) => {
  for (const character of ['a', 'é', '€', '😀', '\0', '"']) {
    const texts = [0, 1, 3, 4, 5, 11, 12, 13, 14, 63, 64, 65, 300, 70_000].map((length) =>
      character.repeat(length),
    );
    t.same(written(texts), texts, `of ${JSON.stringify(character)}`);
  }
});

t.test('ASCII goes before another character within the length of a short text', async (t) => {
  const texts = ['aaaé', 'aaaaaaaaaaaé', 'aaaaaaaaaaaaaaaaé', `${'a'.repeat(63)}é`, 'aé', 'a'];
  t.same(written(texts), texts);
});

t.test('A lone surrogate is U+FFFD', async (t) => {
  t.same(written(['\ud83d', `${'x'.repeat(20)}\ud83d`]), ['\ufffd', `${'x'.repeat(20)}\ufffd`]);
});

t.test('A whole chunk of long texts, with rows that have none and rows that repeat', async (t) => {
  const texts = Array.from({ length: CHUNK_ROWS }, (_, row) =>
    row % 5 === 4 ? undefined : `${Math.floor(row / 2)} `.repeat(1 + (row % 90)),
  );
  t.same(written(texts), texts);
  const same = new Array(CHUNK_ROWS).fill('the same text in each of the rows');
  t.same(written(same), same);
});

t.test('Bytes of every length', async (t) => {
  const bytes = [0, 1, 12, 13, 65_535, 65_536, 65_537, 8_000, 60_000].map((length) =>
    Uint8Array.from({ length }, (_, index) => (index * 7 + length) & 0xff),
  );
  const found = written(bytes, BLOB) as { readonly bytes: Uint8Array }[];
  t.same(
    found.map((value) => Buffer.from(value.bytes).toString('hex')),
    bytes.map((value) => Buffer.from(value).toString('hex')),
  );
});
