import type { Imported } from '../../core/files/import-traces.ts';
import type { Stored } from '../../core/files/reading/import-blob.ts';
import {
  importBlob,
  isNothing,
  MAX_UNPACKED_BYTES,
  PartError,
} from '../../core/files/reading/import-blob.ts';
import { tracePlace } from '../../core/places/place.ts';
import { errorMessage, send } from '../api/api.ts';
import { go } from '../browser/router.ts';
import { counted, formatCount } from '../values/format.ts';

/** Stores files one after the other. Returns the outcome in words, and what goes to the imported traces. */
export async function takeFiles(files: readonly File[]) {
  const texts: string[] = [];
  const all: Stored[] = [];
  let failed = false;
  for (const file of files) {
    try {
      const stored = await importBlob(file, { name: file.name, store, unpack });
      all.push(stored);
      texts.push(summaryOf(file.name, stored));
      failed ||= stored.rejected.size > 0 || isNothing(stored);
    } catch (error) {
      texts.push(`${file.name}: ${problemText(error)}`);
      failed = true;
    }
  }
  return { text: texts.join(' '), failed, show: () => show(all) };
}

function store(body: Blob): Promise<Imported> {
  return send<Imported>('POST', '/api/import', body);
}

/** Works with a file of `run --save` without its compression. The browser keeps the content meanwhile. */
async function unpack<T>(packed: Blob, work: (plain: Blob) => Promise<T>): Promise<T> {
  let bytes = 0;
  const bounded = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > MAX_UNPACKED_BYTES) controller.error();
      else controller.enqueue(chunk);
    },
  });
  const unpacked = packed.stream().pipeThrough(new DecompressionStream('gzip')).pipeThrough(bounded);
  const plain = await new Response(unpacked).blob().catch(() => {
    throw new TypeError(
      bytes > MAX_UNPACKED_BYTES
        ? `unpacked, it has more than ${MAX_UNPACKED_BYTES / 2 ** 20} MiB. Use the command import.`
        : 'it is compressed with gzip, and damaged.',
    );
  });
  return work(plain);
}

/** With what is stored of the part before a refused document. */
function problemText(error: unknown): string {
  if (!(error instanceof PartError)) return errorMessage(error);
  const { spans, logs, known } = error.stored;
  const before = [counted(spans + known, 'span'), ...(logs > 0 ? [counted(logs, 'log line')] : [])];
  const why = errorMessage(error.cause).replace(/\.?$/u, '.');
  return `${why} The store has the part before it: ${before.join(' and ')}.`;
}

/** Goes to the imported traces. A trace that is already open stays as it is. */
function show(all: readonly Stored[]): void {
  const traceIds = new Set(all.flatMap(({ traceIds }) => [...traceIds]));
  const [first] = traceIds;
  const onlyLogs = all.some(({ logs }) => logs > 0) && all.every(({ spans }) => spans === 0);
  if (traceIds.size > 1) go({ view: 'traces', params: {} });
  else if (first !== undefined && !location.pathname.endsWith(first)) go(tracePlace(first));
  else if (onlyLogs) go({ view: 'logs', params: {} });
}

function summaryOf(name: string, { spans, logs, known, rejected }: Stored): string {
  const lines = logs === 0 ? '' : ` and ${counted(logs, 'log line')}`;
  const there = known === 0 ? '' : ` ${formatCount(known)} were there already.`;
  const count = [...rejected.values()].reduce((sum, each) => sum + each, 0);
  const refused =
    count === 0 ? '' : ` ${formatCount(count)} were refused: ${[...rejected.keys()].join('; ')}`;
  return `${counted(spans, 'span')}${lines} imported from ${name}.${there}${refused}`;
}
