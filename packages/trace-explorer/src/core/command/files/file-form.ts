import { openRegular } from '../../regular-file.ts';

const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);
/** Number of bytes at a file's beginning that show its form. */
const HEAD_BYTES = 1024;

/** The first bytes of files in other forms than OTLP JSON, each with the advice. */
const OTHERS: readonly (readonly [begin: readonly number[], advice: string])[] = [
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd has compressed it. Unpack it first, with `unzstd`.'],
  [[0xff, 0xfe], 'its text is UTF-16. Save it as UTF-8 first.'],
  [[0xfe, 0xff], 'its text is UTF-16. Save it as UTF-8 first.'],
];

/** The first bytes of a file. @throws Error of the file system, also for what is not a regular file */
export async function beginOfFile(path: string, bytes: number): Promise<Buffer> {
  const file = await openRegular(path);
  try {
    const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(bytes), position: 0 });
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * The position of the first byte of a file's JSON, after a byte order mark, and whether it is a list or anything but an object.
 * @throws TypeError for a file of another form or without content, Error of the file system
 */
export async function beginOfJson(
  path: string,
): Promise<{ start: number; isList: boolean; isOther: boolean }> {
  const head = await beginOfFile(path, HEAD_BYTES);
  const [, advice] = OTHERS.find(([begin]) => head.indexOf(Buffer.from(begin)) === 0) ?? [];
  if (advice !== undefined) throw new TypeError(advice);
  const start = head.indexOf(BYTE_ORDER_MARK) === 0 ? BYTE_ORDER_MARK.byteLength : 0;
  const text = head.toString('latin1', start).trimStart();
  if (text === '' && head.byteLength < HEAD_BYTES) throw new TypeError('it is empty.');
  return { start, isList: text.startsWith('['), isOther: /^[^{]/u.test(text) };
}
