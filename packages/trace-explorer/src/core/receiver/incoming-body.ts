import type { Readable } from 'node:stream';
import type { OtlpEncoding } from '@tandem/otlp';
import type { ExportRequest, Signal } from '../store/store.ts';
import type { TakenBody } from './tee.ts';

/** Who waits for the answer to a body. */
export interface Sender {
  /** Aborts when the sender leaves before the answer. */
  readonly gone: AbortSignal;
  /** What tells the sender's bodies from equal bytes that are to go elsewhere. */
  readonly address: string;
}

/** Whether somebody waits for the work on a body. */
export interface Audience {
  /** Aborts when all senders of the body, or of equal ones, have left before {@link begin}. */
  readonly gone: AbortSignal;
  /**
   * Says that the storing begins, once it is known who left while the loop was busy: from then on the work goes on to its end.
   * @throws Failure when all have left
   */
  begin(): Promise<void>;
}

export interface IncomingBody {
  /** Undefined when the request has no body. */
  readonly payload: Readable | undefined;
  /** Default: traces. With several signals, each signal reads its own lists of the body in turn. */
  readonly signal?: Signal | readonly Signal[];
  readonly encoding: OtlpEncoding;
  readonly contentEncoding?: string | undefined;
  /** Takes the body out of the received bytes, where these have more than the body. @throws Failure */
  readonly unframe?: (came: Buffer) => PackedBody;
  readonly announcedBytes?: number | undefined;
  /** Default: nobody, the work goes on to its end. */
  readonly sender?: Sender;
  /** Set by the intake. */
  readonly audience?: Audience | undefined;
  /** See ExportRequest. */
  readonly dataset?: string | undefined;
  /** Whether the body is an imported document, which may be larger; default: false. */
  readonly isDocument?: boolean;
  /** Called with every part before the store gets it. The store gets the result instead. */
  readonly onPart?: (part: ExportRequest) => Promise<ExportRequest>;
  /** Called with the body when everything is stored, before the sender is answered. */
  readonly forward?: ((body: TakenBody) => Promise<void>) | undefined;
}

/** A body as it came, with its compression. */
export interface PackedBody {
  readonly bytes: Buffer;
  readonly contentEncoding: string | undefined;
}

/** The outcome for a request's spans or log records. */
export interface ExportOutcome {
  readonly accepted: number;
  readonly rejected: number;
  /** For people; empty without a refusal. */
  readonly rejectedReason: string;
}

/** The outcome of an empty body. */
export const NOTHING: ExportOutcome = Object.freeze({ accepted: 0, rejected: 0, rejectedReason: '' });
