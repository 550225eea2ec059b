import { createReadStream } from 'node:fs';
import { factsDocument, writeRun } from '../../../core/command/files/run-file.ts';
import type { Pulled } from '../../../core/fields/pulled.ts';
import { PULLED } from '../../../core/fields/pulled.ts';
import { keyValue } from '../../../core/files/foreign/otlp-json.ts';
import type { RunFacts } from '../../../core/runs/run-fields.ts';

/**
 * Writes a run file: its facts, what the engine counted, and the documents of another file.
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
