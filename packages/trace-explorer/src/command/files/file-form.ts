import { open } from 'node:fs/promises';

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** Number of bytes at a file's beginning that show its form. */
const HEAD_BYTES = 1024;

/** The first bytes of files in other forms than OTLP JSON, each with the advice. */
const OTHERS: readonly (readonly [begin: readonly number[], advice: string])[] = [
  [[0x1f, 0x8b], 'it is compressed with gzip. Unpack it first, with `gunzip`.'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'it is compressed with zstd. Unpack it first, with `unzstd`.'],
  [[0xff, 0xfe], 'its text is UTF-16. Save it as UTF-8 first.'],
  [[0xfe, 0xff], 'its text is UTF-16. Save it as UTF-8 first.'],
];
const LIST =
  'it is a list, as Zipkin’s spans are. OTLP JSON is an object with resourceSpans or resourceLogs: a Collector with the receiver `zipkin` makes it.';

/**
 * The place of the first byte of a file's JSON, after a byte order mark.
 * @throws TypeError for a file of another form, Error of the file system
 */
export async function startOfJson(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(HEAD_BYTES), position: 0 });
    const head = buffer.subarray(0, bytesRead);
    const start = head.indexOf(BYTE_ORDER_MARK) === 0 ? BYTE_ORDER_MARK.byteLength : 0;
    const [, other] = OTHERS.find(([begin]) => head.indexOf(Buffer.from(begin)) === 0) ?? [];
    const advice = head.toString('latin1', start).trimStart().startsWith('[') ? LIST : other;
    if (advice !== undefined) throw new TypeError(advice);
    return start;
  } finally {
    await file.close();
  }
}
