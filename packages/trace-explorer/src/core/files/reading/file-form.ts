/** Number of bytes at a file's beginning that show its form. */
const HEAD_BYTES = 1024;
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const GZIP = [0x1f, 0x8b];

/** The first bytes of files in other forms than OTLP JSON, each with the advice. */
const OTHERS: readonly (readonly [begin: readonly number[], advice: string])[] = [
  [[0x28, 0xb5, 0x2f, 0xfd], 'zstd has compressed it. Unpack it first, with `unzstd`.'],
  [[0xff, 0xfe], 'its text is UTF-16. Save it as UTF-8 first.'],
  [[0xfe, 0xff], 'its text is UTF-16. Save it as UTF-8 first.'],
];

/** Whether gzip has compressed a file, as `run --save` does. */
export async function isPacked(file: Blob): Promise<boolean> {
  return beginsWith(await headOf(file), GZIP);
}

/** Whether a file is a saved page, by its name. */
export function isPage(name: string): boolean {
  return /\.html?$/iu.test(name);
}

/**
 * The position of the first byte of a file's JSON, after a byte order mark, and whether it is a list or anything but an object.
 * @throws TypeError for a file of another form or without content, Error of the file system
 */
export async function beginOfJson(file: Blob): Promise<{ start: number; isList: boolean; isOther: boolean }> {
  const head = await headOf(file);
  const [, advice] = OTHERS.find(([begin]) => beginsWith(head, begin)) ?? [];
  if (advice !== undefined) throw new TypeError(advice);
  const start = beginsWith(head, BYTE_ORDER_MARK) ? BYTE_ORDER_MARK.length : 0;
  const text = new TextDecoder('latin1').decode(head.subarray(start)).trimStart();
  if (text === '' && head.byteLength < HEAD_BYTES) throw new TypeError('it is empty.');
  return { start, isList: text.startsWith('['), isOther: /^[^{]/u.test(text) };
}

async function headOf(file: Blob): Promise<Uint8Array> {
  return new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
}

function beginsWith(head: Uint8Array, begin: readonly number[]): boolean {
  return begin.every((byte, at) => head[at] === byte);
}
