import type { Span } from '@opentelemetry/api';
import {
  ATTR_CALL_CONNECT,
  ATTR_CALL_DNS,
  ATTR_CALL_FIRST_BYTE,
  ATTR_CALL_RECEIVING,
  ATTR_CALL_TLS,
  ATTR_CALL_WAITING,
} from '../../attributes.ts';
import type { Call } from '../../road/http/call.ts';
import { LEAST_PART_MS, rounded, waitBetween } from '../../road/http/call.ts';
import { isSentAtOnce, timesOf } from './connecting.ts';

/** The parts of a call, in their order, as a browser's network panel has them. In milliseconds. */
interface CallParts {
  /** For a connection: of a pool, or of a client whose connections are all in use. */
  readonly waiting?: number;
  readonly dns?: number;
  readonly connect?: number;
  readonly tls?: number;
  readonly first_byte?: number;
  readonly receiving?: number;
}

/** A shorter part is not worth an attribute. */
const LEAST_SHARE = 0.1;

/** The parts beside which the wait for the answer is worth an attribute. */
const OTHERS = [
  ['waiting', ATTR_CALL_WAITING],
  ['dns', ATTR_CALL_DNS],
  ['connect', ATTR_CALL_CONNECT],
  ['tls', ATTR_CALL_TLS],
  ['receiving', ATTR_CALL_RECEIVING],
] as const;

/** Writes the parts of a request to its span, which ends at `ended`. */
export function writePartsOf(call: Call, ended: number): void {
  const { created, headersAt, sentAt } = call;
  if (ended - created < LEAST_PART_MS) return;
  const { began = 0, lookup = 0, connect = 0, secureConnect = 0 } = timesOf(call) ?? {};
  // As far as the steps of connecting belong to the call.
  const dns = waitBetween(Math.max(created, began), lookup);
  const tcp = waitBetween(Math.max(created, lookup || began), connect);
  const tls = waitBetween(Math.max(created, connect), secureConnect);
  // `node:http` has sent nothing before its socket is connected.
  const sent = Math.max(sentAt, connect, secureConnect);
  const isKnown = sent > 0 || headersAt === 0; // HTTP/2 of undici before 8 does not tell of the headers
  const waiting = isKnown && !isSentAtOnce(call) ? waitBetween(created, sent || ended) - dns - tcp - tls : 0;
  const hasAnswer = sent > 0 && headersAt > 0;
  const first = hasAnswer ? headersAt - sent : 0;
  const receiving = hasAnswer ? ended - headersAt : 0;
  writeCallParts(call.span, ended - created, {
    waiting,
    dns,
    connect: tcp,
    tls,
    first_byte: first,
    receiving,
  });
}

/**
 * Writes the parts of a call to its CLIENT span: those of at least a millisecond and a tenth of the whole. A call that only
 * waited for its answer has no parts.
 *
 * @param whole milliseconds of the span
 */
function writeCallParts(span: Span, whole: number, parts: CallParts): void {
  if (whole < LEAST_PART_MS) return;
  const least = Math.max(LEAST_PART_MS, whole * LEAST_SHARE);
  let hasParts = false;
  for (const [name, attribute] of OTHERS) {
    const ms = parts[name] ?? 0;
    if (ms < least) continue;
    hasParts = true;
    span.setAttribute(attribute, rounded(ms));
  }
  const { first_byte: firstByte = 0 } = parts;
  if (hasParts && firstByte >= least) span.setAttribute(ATTR_CALL_FIRST_BYTE, rounded(firstByte));
}
