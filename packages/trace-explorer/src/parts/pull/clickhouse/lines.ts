import { CliError } from '../../../core/command/client/explorer-client.ts';

/** Bytes of one line. The explorer takes documents of up to 80 MiB. */
const MOST_LINE = 32 * 1024 * 1024;
const NEWLINE = 0x0a;

/** The lines of a body, read no faster than they are taken. @throws CliError for a line of more than 32 MiB */
export async function* linesOf(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  onBytes: (bytes: number) => void = () => {},
): AsyncGenerator<string> {
  let [parts, size]: [Uint8Array[], number] = [[], 0];
  for await (const chunk of body) {
    onBytes(chunk.byteLength);
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE); to >= 0; to = chunk.indexOf(NEWLINE, from)) {
      yield Buffer.concat([...parts, chunk.subarray(from, to)]).toString();
      [parts, size, from] = [[], 0, to + 1];
    }
    if (from < chunk.byteLength) parts.push(chunk.subarray(from));
    size += chunk.byteLength - from;
    if (size > MOST_LINE) throw tooLong(parts);
  }
  if (size > 0) yield Buffer.concat(parts).toString();
}

/** Names the trace of a row, which has its id among the first columns. */
function tooLong([begin]: readonly Uint8Array[]): CliError {
  const [, trace] = /"([0-9a-f]{32})"/i.exec(Buffer.from(begin?.subarray(0, 200) ?? []).toString()) ?? [];
  if (trace === undefined) return new CliError(`A row has more than ${MOST_LINE / 2 ** 20} MiB.`);
  const filter = JSON.stringify({ filters: [{ column: 'trace.trace_id', op: '!=', value: trace }] });
  return new CliError(
    `A span of trace ${trace} has more than ${MOST_LINE / 2 ** 20} MiB. To pull the others: --where '${filter}'`,
  );
}
