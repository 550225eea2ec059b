import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { factsDocument, writeRun } from '../../../core/command/files/run-file.ts';
import type { Pulled } from '../../../core/fields/pulled.ts';
import { PULLED } from '../../../core/fields/pulled.ts';
import { keyValue } from '../../../core/files/foreign/otlp-json.ts';
import { redactDocument } from '../../../core/redaction/redact-document.ts';
import type { RunFacts } from '../../../core/runs/run-fields.ts';

/** Bytes of all documents: a run file unpacks to 1 GiB at most. */
const MOST_BYTES = 960 * 1024 * 1024;

/** Writes documents as they come, with values left out before a byte is written. @returns whether these are all */
export async function writeDocuments(
  path: string,
  documents: AsyncIterable<string>,
  redact: readonly string[],
): Promise<boolean> {
  let bytes = 0;
  async function* bounded(): AsyncGenerator<string> {
    for await (const document of documents) {
      const line = redact.length === 0 ? document : `${await redactDocument(document, redact)}\n`;
      bytes += Buffer.byteLength(line);
      if (bytes > MOST_BYTES) return;
      yield line;
    }
  }
  await pipeline(Readable.from(bounded()), createWriteStream(path, { mode: 0o600 }));
  return bytes <= MOST_BYTES;
}

/**
 * Writes a run file: its facts, what the engine counted, and the documents.
 * @throws CliError for a file that cannot be written
 */
export async function writePulled(
  path: string,
  facts: RunFacts,
  pulled: Pulled,
  documents: string,
): Promise<void> {
  async function* all(): AsyncGenerator<string | Uint8Array> {
    yield factsDocument(facts);
    yield `${JSON.stringify(recordOf(facts, pulled))}\n`;
    yield* createReadStream(documents);
  }
  await writeRun(path, all());
}

/** What the engine counted, as one log record at the end of the range: it comes along wherever the file is imported. */
function recordOf(facts: RunFacts, pulled: Pulled): object {
  const resource = { 'service.name': pulled.name, ...facts };
  const record = {
    timeUnixNano: String(BigInt(Math.round(pulled.end * 1000)) * 1_000_000n - 1n),
    severityNumber: 9,
    severityText: 'INFO',
    eventName: PULLED,
    body: { stringValue: JSON.stringify(pulled) },
  };
  const attributes = Object.entries(resource).map(([key, value]) => keyValue(key, value));
  return { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: [record] }] }] };
}
