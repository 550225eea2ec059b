import type { IncomingHttpHeaders } from 'node:http';
import type { ExportSignal } from '@tandem/otlp';
import { encodeExportResponse } from '@tandem/otlp';
import { namedDataset } from '../fields/resource.ts';
import type { IncomingBody, Intake } from './intake.ts';

/**
 * Takes an export in. Metrics are accepted and not kept: a sender whose exports fail would log an error each time.
 * @param headers of HTTP, or gRPC's metadata
 * @returns the response, in the body's encoding
 * @throws as the intake does
 */
export async function takeExport(
  intake: Intake,
  signal: ExportSignal,
  body: IncomingBody,
  headers: IncomingHttpHeaders,
): Promise<Uint8Array> {
  const { rejected, rejectedReason } =
    signal === 'metrics'
      ? await intake.discardMetrics(body, headers['user-agent'])
      : await intake.take({ ...body, signal, dataset: namedDataset(signal, headers) });
  return encodeExportResponse(signal, { rejected, errorMessage: rejectedReason }, body.encoding);
}
