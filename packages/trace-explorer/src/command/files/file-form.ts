import { open } from 'node:fs/promises';

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** Bytes of a file's begin that are looked at. */
const HEAD_BYTES = 1024;

/** Files that are no OTLP JSON, by their first bytes as Latin-1, and what to do with them. */
const OTHERS: readonly (readonly [begin: RegExp, advice: string])[] = [
  [/^\u001f\u008b/u, 'it is compressed with gzip. Unpack it first, with `gunzip`.'],
  [/^\u0028\u00b5\u002f\u00fd/u, 'it is compressed with zstd. Unpack it first, with `unzstd`.'],
  [/^(?:\u00ff\u00fe|\u00fe\u00ff)/u, 'its text is UTF-16. Save it as UTF-8 first.'],
  [
    /^\s*\[/u,
    'it is a list, as Zipkin’s spans are. OTLP JSON is an object with resourceSpans or resourceLogs: a Collector with the receiver `zipkin` makes it.',
  ],
];

/**
 * The place of the first byte of a file's JSON: behind a byte order mark.
 * @throws TypeError for a file of another form, Error of the file system
 */
export async function startOfJson(path: string): Promise<number> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(HEAD_BYTES), position: 0 });
    const start = buffer.indexOf(BYTE_ORDER_MARK) === 0 ? BYTE_ORDER_MARK.byteLength : 0;
    const head = buffer.toString('latin1', start, bytesRead);
    const [, advice] = OTHERS.find(([begin]) => begin.test(head)) ?? [];
    if (advice !== undefined) throw new TypeError(advice);
    return start;
  } finally {
    await file.close();
  }
}
