/** The text of an answer. @throws RangeError for an answer of more than `maxBytes`, which is not read to its end */
export async function boundedText(
  { body }: { readonly body?: AsyncIterable<Uint8Array> | null | undefined },
  maxBytes: number,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new RangeError(`The answer is longer than ${maxBytes} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
