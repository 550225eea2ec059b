import { Readable } from 'node:stream';
import t from 'tap';
import { documentPlaces } from '../../src/shared/document-places.ts';

/** The documents of a text that comes in pieces of so many bytes. */
async function documentsIn(text: string, pieceBytes: number): Promise<string[]> {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.byteLength; at += pieceBytes) pieces.push(bytes.subarray(at, at + pieceBytes));
  const documents: string[] = [];
  for await (const { from, to } of documentPlaces(Readable.from(pieces)))
    documents.push(bytes.toString('utf8', from, to));
  return documents;
}

t.test('each document of a file is found, whatever its lines and however its bytes come', async (t) => {
  const one = '{"a":[{"b":"} {"},\n{"c":"\u2028é"}]}';
  for (const pieceBytes of [1, 2, 7, 1000]) {
    t.strictSame(await documentsIn(`${one}\n`, pieceBytes), [`${one}\n`], 'one over two lines');
    t.strictSame(await documentsIn(`${one}\n{}\r\n\n \t${one}`, pieceBytes), [
      `${one}\n`,
      '{}\r\n\n \t',
      one,
    ]);
    t.strictSame(await documentsIn('[1,\n2]', pieceBytes), ['[1,\n2]'], 'no documents');
    t.strictSame(await documentsIn('', pieceBytes), ['']);
  }
});
