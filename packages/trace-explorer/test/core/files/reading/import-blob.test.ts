import { gunzipSync, gzipSync } from 'node:zlib';
import t from 'tap';
import type { Imported } from '../../../../src/core/files/import-traces.ts';
import type { Importing } from '../../../../src/core/files/reading/import-blob.ts';
import { importBlob, PartError } from '../../../../src/core/files/reading/import-blob.ts';

/** A document with so many spans, of so many bytes at least. */
function documentOf(spans: number, bytes = 0): string {
  const all = Array.from({ length: spans }, () => ({ name: 'x'.repeat(bytes / spans) }));
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: all }] }] });
}

const sent: string[] = [];

/** Stores what has spans, and refuses what is no JSON or names `refused`. */
const importing: Importing = {
  name: 'file',
  async store(body): Promise<Imported> {
    const text = await body.text();
    sent.push(text);
    JSON.parse(text);
    if (text.includes('refused')) throw new Error('a name was refused');
    const spans = text.split('"name"').length - 1;
    return { spans, logs: 0, known: 0, rejected: 0, rejected_reason: '', trace_ids: [] };
  },
  async unpack(packed, work) {
    return work(new Blob([gunzipSync(Buffer.from(await packed.arrayBuffer()))]));
  },
};

t.beforeEach(() => {
  sent.length = 0;
});

t.test('small documents go together, and a large one alone, in the order of the file', async (t) => {
  const large = documentOf(2, 5 * 1024 * 1024);
  const lines = [documentOf(1), '{ }', documentOf(3), large, documentOf(4), documentOf(1)];
  const stored = await importBlob(new Blob([`\ufeff${lines.join('\r\n')}\n`]), importing);
  t.equal(stored.spans, 11);
  t.same(
    sent.map((text) => text.split('resourceSpans').length - 1),
    [2, 1, 2],
  );
  t.equal(sent[1]?.trim(), large);
  t.equal((await importBlob(new Blob([gzipSync(lines.join('\n'))]), importing)).spans, 11, 'compressed, too');
});

t.test('of a file with a damaged document the part before it is stored, and told', async (t) => {
  const lines = [documentOf(2), documentOf(1), '{"resourceSpans":[{"refused":1}]}', documentOf(5)];
  const error: unknown = await importBlob(new Blob([lines.join('\n')]), importing).catch((error) => error);
  t.type(error, PartError);
  t.match(error, { stored: { spans: 3 }, cause: { message: 'a name was refused' } });
});

t.test('a list of another system is read as a whole, and what is nothing is said with advice', async (t) => {
  const zipkin = JSON.stringify([{ traceId: '2a', id: '1', timestamp: 1e15, name: 'a' }]);
  t.equal((await importBlob(new Blob([zipkin]), importing)).spans, 1);
  for (const [content, advice] of [
    ['', 'it is empty'],
    ['[1]', 'it has no spans or log records'],
    ["{\n  resource: {\n  },\n  traceId: 'a'\n}\n", 'as an SDK prints them'],
    [Buffer.from('\ufeff{}', 'utf16le'), 'its text is UTF-16'],
    [`[${' '.repeat(33 * 1024 * 1024)}]`, 'it is a list of more than 32 MiB'],
  ] as const)
    await t.rejects(importBlob(new Blob([content]), importing), { message: new RegExp(advice) });
});
