import { decodeLogs, decodeTraces, logsToJson, tracesToJson } from '@tandem/otlp';
import { Redaction } from './redact.ts';

/** The explorer wrote the document: its spans and log records kept to the limits when they came. */
const UNLIMITED = {
  maxItems: Number.POSITIVE_INFINITY,
  maxGroups: Number.POSITIVE_INFINITY,
  maxSharedValues: Number.POSITIVE_INFINITY,
};

/**
 * A document of OTLP JSON with REDACTED instead of the values of some fields, and of copies of these values in other texts.
 * @param line a document, as the explorer writes it
 * @param names as for a saved trace
 * @throws RangeError for too many different values
 */
export async function redactDocument(line: string, names: readonly string[]): Promise<string> {
  const bytes = Buffer.from(line);
  const { scopeSpans } = decodeTraces(bytes, 'json', UNLIMITED);
  const { scopeLogs } = decodeLogs(bytes, 'json', UNLIMITED);
  const spans = scopeSpans.map(({ spans, ...source }) =>
    spans.map((span) => ({ ...UNSTORED, ...source, span, raw: span.raw })),
  );
  const records = scopeLogs.map(({ logRecords, ...source }) =>
    logRecords.map((record) => ({ ...UNSTORED, ...source, record, raw: record.raw })),
  );
  const redaction = await Redaction.of(names, spans.flat(), records.flat());
  const redactedSpans = spans.flatMap((group) => {
    const [first, ...others] = group.map((each) => redaction.span(each));
    return first === undefined ? [] : { ...first, spans: [first, ...others].map(({ span }) => span) };
  });
  const redactedRecords = records.flatMap((group) => {
    const [first, ...others] = group.map((each) => redaction.log(each));
    return first === undefined
      ? []
      : { ...first, logRecords: [first, ...others].map(({ record }) => record) };
  });
  return JSON.stringify({
    ...(redactedSpans.length > 0 && tracesToJson(redactedSpans)),
    ...(redactedRecords.length > 0 && logsToJson(redactedRecords)),
  });
}

const UNSTORED = { dataset: '', received: 0n };
