import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { parseJson } from '../../common/primordials.ts';
import type { ExportFailure } from './export-failure.ts';

/** The words of a successful answer: rejected items with a reason, or why it is no answer of OTLP. */
export type Answer = Partial<Pick<ExportFailure, 'detail'>> & {
  /** Absent for an empty answer, and for a success without a word. */
  readonly cause?: 'partly-rejected' | 'warned' | 'web-page' | 'unclear';
  /** Rejected items; absent when none. */
  readonly rejected?: number;
};

/** A longer answer than OTLP knows is not read. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** The names of the count in OTLP/JSON, by signal. */
const COUNTS = ['rejectedSpans', 'rejectedLogRecords', 'rejectedDataPoints'] as const;

/** A page begins with `<`. Behind a line break the same two bytes may be protobuf: a name must follow. */
const PAGE = /^(?:<|\s+<[!?a-z])/i;

/** No tag of these may contain `<`, so that a page of nothing but tags is read once. */
const TITLE = /<title(?:\s[^<>]*)?>([^<]*)/i;

/**
 * Reads the body of an answer with a status of success. The body decides, as nothing else of the answer is known: a login
 * page, too, answers 200. All signals have one form in protobuf, and differ in JSON by the name of the count. Never throws.
 */
export function readAnswer(body: Uint8Array): Answer {
  const text = Buffer.from(body.buffer, body.byteOffset, Math.min(body.length, MAX_ANSWER_BYTES)).toString();
  if (PAGE.test(text)) return { cause: 'web-page', detail: pageName(text) };
  if (text.trim() === '' && body.length <= MAX_ANSWER_BYTES) return {};
  const isLong = body.length > MAX_ANSWER_BYTES;
  const partial = isLong ? undefined : (partialOfJson(text) ?? partialOfProtobuf(body));
  return partial === undefined
    ? { cause: 'unclear', ...(isText(text) && { detail: text }) }
    : meaning(partial);
}

/** A partial success as it came: numbers and texts are to be checked. */
type Partly = { readonly count?: unknown; readonly message?: unknown };

function meaning({ count, message }: Partly): Answer {
  const number = Number(typeof count === 'string' || typeof count === 'number' ? count : 0);
  const rejected = Number.isSafeInteger(number) && number > 0 ? number : undefined;
  const detail = typeof message === 'string' && message !== '' ? message : undefined;
  if (rejected === undefined) return detail === undefined ? {} : { cause: 'warned', detail };
  return { cause: 'partly-rejected', rejected, ...(detail !== undefined && { detail }) };
}

/** Undefined for what is not an object of JSON. */
function partialOfJson(text: string): Partly | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  try {
    const { partialSuccess } = parseJson(text);
    const fields = Object(partialSuccess);
    const name = COUNTS.find((each) => Object.hasOwn(fields, each));
    return { count: name && fields[name], message: fields.errorMessage };
  } catch {
    return undefined;
  }
}

/** Undefined for other bytes. No field of an answer has a tag that is a printable character. */
function partialOfProtobuf(body: Uint8Array): Partly | undefined {
  if ((body[0] ?? 0) >= 0x20) return undefined;
  try {
    const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(body);
    return { count: partialSuccess?.rejectedSpans, message: partialSuccess?.errorMessage };
  } catch {
    return undefined;
  }
}

function pageName(text: string): string {
  const title = TITLE.exec(text)?.[1]?.trim();
  return title ? `HTML: ${title}` : 'HTML';
}

/** Whether people can read it: not gzip, and not a damaged message. */
function isText(text: string): boolean {
  return text.trim() !== '' && !/(?!\s)\p{Cc}|\ufffd/u.test(text);
}
