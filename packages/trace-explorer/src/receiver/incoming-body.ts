import type { Readable } from 'node:stream';
import type { OtlpEncoding } from '@tandem/otlp';
import type { ExportRequest, Signal } from '../store/store.ts';
import type { TakenBody } from './tee.ts';

export interface IncomingBody {
  /** Undefined when the request has no body. */
  readonly payload: Readable | undefined;
  /** Default: traces. With several signals, each signal reads its own lists of the body in turn. */
  readonly signal?: Signal | readonly Signal[];
  readonly encoding: OtlpEncoding;
  readonly contentEncoding?: string | undefined;
  /** Takes the body out of the received bytes, where these have more than the body. @throws OtlpHttpError */
  readonly unframe?: (came: Buffer) => PackedBody;
  readonly announcedBytes?: number | undefined;
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
export interface Taken {
  readonly accepted: number;
  readonly rejected: number;
  /** For people; empty without a refusal. */
  readonly rejectedReason: string;
}

/** The outcome of an empty body. */
export const NOTHING: Taken = Object.freeze({ accepted: 0, rejected: 0, rejectedReason: '' });
