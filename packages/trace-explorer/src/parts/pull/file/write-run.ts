import { createReadStream, createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { fileProblem } from '../../../core/command/files/file-problem.ts';
import { writeWhole } from '../../../core/command/files/whole-file.ts';
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
  written: { bytes: number },
): Promise<boolean> {
  let isWhole = true;
  async function* bounded(): AsyncGenerator<string> {
    for await (const document of documents) {
      const line = redact.length === 0 ? document : `${await redactDocument(document, redact)}\n`;
      written.bytes += Buffer.byteLength(line);
      isWhole = written.bytes <= MOST_BYTES;
      if (!isWhole) return;
      yield line;
    }
  }
  await pipeline(Readable.from(bounded()), createWriteStream(path, { flags: 'a', mode: 0o600 }));
  return isWhole;
}

/**
 * Writes a run file: its facts, what the engine counted, and the documents.
 * @throws CliError for a file that cannot be written
 */
export async function writeRunFile(
  path: string,
  facts: RunFacts,
  pulled: Pulled,
  documents: string,
): Promise<void> {
  const attributes = Object.entries(facts).map(([key, value]) => keyValue(key, value));
  async function* all(): AsyncGenerator<string | Buffer> {
    yield `${JSON.stringify({ resourceSpans: [{ resource: { attributes }, scopeSpans: [] }] })}\n`;
    yield `${JSON.stringify(recordOf(facts, pulled))}\n`;
    yield* createReadStream(documents);
  }
  try {
    await writeWhole(path, (part) =>
      pipeline(Readable.from(all()), createGzip(), createWriteStream(part, { mode: 0o600 })),
    );
  } catch (error) {
    throw fileProblem(path, error, 'written');
  }
}

/** What the engine counted, as one log record at the end of the range: it comes along wherever the file is imported. */
function recordOf(facts: RunFacts, pulled: Pulled): object {
  const attributes = [
    keyValue('service.name', pulled.name),
    ...Object.entries(facts).map(([key, value]) => keyValue(key, value)),
  ];
  const timeUnixNano = String(BigInt(Math.round(pulled.end * 1000)) * 1_000_000n - 1n);
  const record = {
    timeUnixNano,
    severityNumber: 9,
    severityText: 'INFO',
    eventName: PULLED,
    body: { stringValue: JSON.stringify(pulled) },
  };
  return { resourceLogs: [{ resource: { attributes }, scopeLogs: [{ logRecords: [record] }] }] };
}
