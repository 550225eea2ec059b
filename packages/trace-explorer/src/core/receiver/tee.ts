import type { IncomingHttpHeaders } from 'node:http';
import type { ExportSignal, OtlpEncoding } from '@tandem/otlp';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.ts';

/** The body of an export that the store has taken, or a body of metrics. */
export interface TakenBody {
  readonly bytes: Uint8Array;
  readonly encoding: OtlpEncoding;
  readonly contentEncoding: string | undefined;
  /** The number of its spans or log records; of metrics 1. */
  readonly items: number;
}

/** Sends the receiver's bodies on. */
export interface Tee {
  /**
   * Sends the bodies of an earlier process.
   * @param ports where this explorer takes spans
   * @throws ConfigError where it would send to itself
   */
  begin(ports: readonly (number | undefined)[]): Promise<void>;
  /**
   * Decides before a body is read. @returns a keeper of the body on disk until it is sent on; undefined for a sender whose
   * bodies stay here
   * @throws Failure for a body that this explorer has sent on itself
   */
  accept(
    signal: ExportSignal,
    headers: IncomingHttpHeaders,
  ): ((body: TakenBody) => Promise<void>) | undefined;
  /** Sends for a moment, keeps the rest on disk, and stops. */
  close(): Promise<void>;
}

declare module '../door/node.ts' {
  interface NodePart {
    /** Sends taken bodies on, where the settings say so. */
    tee?(config: Config, logger: FastifyBaseLogger): Promise<Tee | undefined>;
  }
}
