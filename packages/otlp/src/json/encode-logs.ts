import type { LogRecordContent } from '../messages/logs.ts';
import type { ResourceContent, ScopeContent } from '../messages/resource.ts';
import { logRecordToJson } from './encode-log-record.ts';
import { resourceToJson, scopeToJson } from './encode-resource.ts';
import type { JsonMessage } from './without-defaults.ts';

/** Log records of one scope, not encoded yet. */
export interface ScopeLogsContent {
  readonly resource: ResourceContent;
  readonly scope: ScopeContent;
  readonly logRecords: readonly LogRecordContent[];
}

/** An ExportLogsServiceRequest in OTLP's JSON encoding, each group under a resource of its own. */
export function logsToJson(scopeLogs: readonly ScopeLogsContent[]): JsonMessage {
  return { resourceLogs: scopeLogs.map(resourceLogsToJson) };
}

/** The records of one scope as a ResourceLogs message in OTLP's JSON encoding. */
export function resourceLogsToJson({ resource, scope, logRecords }: ScopeLogsContent): JsonMessage {
  return {
    resource: resourceToJson(resource),
    scopeLogs: [
      {
        scope: scopeToJson(scope),
        logRecords: logRecords.map(logRecordToJson),
        ...(scope.schemaUrl !== '' && { schemaUrl: scope.schemaUrl }),
      },
    ],
    ...(resource.schemaUrl !== '' && { schemaUrl: resource.schemaUrl }),
  };
}
