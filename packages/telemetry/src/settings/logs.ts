import type { EnvReader } from '../environment/env-reader.ts';
import { readOtlpHeaders } from '../environment/otlp-headers.ts';
import type { BatchSettings } from './batch.ts';
import { readBatch } from './batch.ts';
import type { Destination } from './destinations.ts';
import { isForTracesOnly, readDestinations } from './destinations.ts';
import type { ExporterName } from './exporters.ts';
import { readExporters } from './exporters.ts';
import type { HoneycombSettings } from './honeycomb.ts';
import type { LogRecordLimits } from './log-records.ts';
import { readLogRecordLimits } from './log-records.ts';

/** Where log lines go, and how. */
export interface LogSettings {
  /** OTEL_LOGS_EXPORTER: any of otlp, console; empty for none. */
  readonly exporters: readonly ExporterName[];
  readonly destinations: readonly Destination[];
  readonly batch: BatchSettings;
  readonly limits: LogRecordLimits;
}

/**
 * Reads the settings of logs, by the same rules as those of spans. Who names a place for traces alone
 * (OTEL_EXPORTER_OTLP_TRACES_ENDPOINT), or has them printed (OTEL_TRACES_EXPORTER=console), does not get log lines sent
 * to the default place: nobody may listen there.
 */
export function readLogs(env: EnvReader, honeycomb: HoneycombSettings | undefined): LogSettings {
  const isNowhere = honeycomb === undefined && isForTracesOnly(env);
  const exporters = readExporters(env, 'LOGS', isNowhere ? [] : ['otlp']);
  return {
    exporters,
    destinations: exporters.includes('otlp')
      ? readDestinations(env, 'LOGS', readOtlpHeaders(env, 'LOGS'), honeycomb)
      : [],
    batch: readBatch(env, 'OTEL_BLRP'),
    limits: readLogRecordLimits(env),
  };
}
