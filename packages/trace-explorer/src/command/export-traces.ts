import { open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import { CliError } from '../cli/explorer-client.ts';
import { fileProblem } from '../cli/file-problem.ts';
import { orUsage } from '../cli/or-usage.ts';
import type { Ask } from './with-explorer.ts';
import { EXPLORER_OPTIONS, withExplorer } from './with-explorer.ts';

const USAGE = `Writes traces with their log records as OTLP JSON, each as it was sent: one trace per line, which \`import\` and other
programs read.

  trace-explorer export [ID…]         all traces without an id, newest first, then the other log records
  --out FILE          instead of standard output
  --url URL           a running explorer (http://localhost:3000; where none runs, the data folder is read itself)
  --data-dir FOLDER   reads this data folder; no explorer may run on it
`;

/** Traces of which the ids are read at a time. */
const PAGE_TRACES = 200;

/** `export [ID…]`. @throws CliError for an id that no trace has, and a file that cannot be written */
export async function exportCommand(args: readonly string[]): Promise<void> {
  const options = { ...EXPLORER_OPTIONS, out: { type: 'string' } } as const;
  const { values, positionals } = orUsage(USAGE, () =>
    parseArgs({ args: [...args], options: options, allowPositionals: true }),
  );
  if (values.help) return void process.stdout.write(USAGE);
  const wrong = positionals.find((id) => !/^[0-9a-f]{32}$/i.test(id));
  if (wrong !== undefined)
    throw new CliError(
      `${JSON.stringify(wrong)} is no trace id: expected 32 hexadecimal digits.\n\n${USAGE}`,
    );
  const out = values.out === undefined ? process.stdout : await writeTo(values.out);
  let traces = 0;
  try {
    await withExplorer(values, async (ask) => {
      async function* documents(): AsyncGenerator<Uint8Array | string> {
        for await (const id of positionals.length > 0 ? positionals : allTraces(ask)) {
          yield* trace(ask, id);
          traces++;
        }
        if (positionals.length === 0) yield* bodyOf(await ask('/api/logs/export'));
      }
      // One pipeline for all of them: each would leave listeners on the output.
      await pipeline(documents, out, { end: values.out !== undefined });
    });
  } catch (error) {
    const isOfFile = error instanceof Error && 'syscall' in error;
    throw values.out !== undefined && isOfFile ? fileProblem(values.out, error, 'written') : error;
  }
  if (values.out !== undefined)
    process.stdout.write(`${values.out}: ${traces} trace${traces === 1 ? '' : 's'}\n`);
}

async function writeTo(path: string): Promise<Writable> {
  try {
    return (await open(path, 'w')).createWriteStream();
  } catch (error) {
    throw fileProblem(path, error, 'written');
  }
}

async function* allTraces(ask: Ask): AsyncGenerator<string> {
  let cursor: string | undefined;
  do {
    const query = new URLSearchParams({
      limit: String(PAGE_TRACES),
      ...(cursor !== undefined && { cursor }),
    });
    const page = (await (await ask(`/api/traces?${query}`)).json()) as {
      traces: { trace_id: string }[];
      next?: string;
    };
    for (const { trace_id } of page.traces) yield trace_id;
    cursor = page.next;
  } while (cursor !== undefined);
}

/** A trace as one line: JSON has line breaks between its tokens only. */
async function* trace(ask: Ask, id: string): AsyncGenerator<Uint8Array | string> {
  for await (const chunk of bodyOf(await ask(`/api/traces/${id.toLowerCase()}/export`)))
    yield chunk.includes(10) ? chunk.filter((byte) => byte !== 10 && byte !== 13) : chunk;
  yield '\n';
}

async function* bodyOf({ body }: Response): AsyncGenerator<Uint8Array> {
  if (body !== null) yield* body;
}
