import { LimitError, UndecodableError } from '@tandem/otlp';
import { problems } from '../../errors.ts';
import { traceIdField } from '../../fields/trace-id.ts';
import { OtlpHttpError } from '../../receiver/http-error.ts';
import type { IncomingBody, Intake } from '../../receiver/intake.ts';
import type { ExportRequest } from '../../store/export-request.ts';
import { isLogs } from '../../store/export-request.ts';

export interface Imported {
  readonly spans: number;
  readonly rejected: number;
  /** Why spans were rejected; empty when none was. */
  readonly rejected_reason: string;
  readonly trace_ids: readonly string[];
}

/** Trace ids named in the answer; a file may hold any number. */
const MAX_TRACE_IDS = 1000;

/** Stores the spans of an OTLP JSON export request, as the receiver would. */
export async function importTraces(intake: Intake, body: Omit<IncomingBody, 'encoding'>): Promise<Imported> {
  const traceIds = new Set<string>();
  try {
    const { accepted, rejected, rejectedReason } = await intake.take({ ...body, encoding: 'json', onPart });
    return { spans: accepted, rejected, rejected_reason: rejectedReason, trace_ids: [...traceIds] };
  } catch (error) {
    throw problemOf(error);
  }

  function onPart(part: ExportRequest): void {
    if (isLogs(part)) return;
    for (const { spans } of part.scopeSpans) {
      for (const { traceId } of spans) if (traceIds.size < MAX_TRACE_IDS) traceIds.add(traceIdField(traceId));
    }
  }
}

function problemOf(error: unknown): unknown {
  if (error instanceof UndecodableError) return problems.UNDECODABLE({ detail: error.message });
  if (error instanceof LimitError) return problems.IMPORT_TOO_LARGE({ detail: error.message });
  if (!(error instanceof OtlpHttpError)) return error;
  if (error.statusCode === 413) return problems.IMPORT_TOO_LARGE({ detail: error.message });
  return error.statusCode === 503
    ? problems.STORE_BUSY({ detail: error.message })
    : problems.UNDECODABLE({ detail: error.message });
}
