import { logs } from '@opentelemetry/api-logs';
import { getNumberFromEnv } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { LoggerProvider } from '@opentelemetry/sdk-logs';

/** Starts the log records of this process, for instrumentations, and for code that uses `@opentelemetry/api-logs`. */
export function startLogs(resource: Resource, processors: LogRecordProcessor[]): LoggerProvider {
  const provider = new LoggerProvider({ resource, processors, logRecordLimits: readLimits() });
  logs.disable(); // an older provider would get the records
  logs.setGlobalLoggerProvider(provider);
  return provider;
}

/** Later records of `@opentelemetry/api-logs` are not made. */
export function stopLogs(): void {
  logs.disable();
}

/** No package of the SDK reads these variables for log records. */
function readLimits() {
  const limit = (name: string) =>
    getNumberFromEnv(`OTEL_LOGRECORD_${name}`) ?? getNumberFromEnv(`OTEL_${name}`);
  const [length, count] = [limit('ATTRIBUTE_VALUE_LENGTH_LIMIT'), limit('ATTRIBUTE_COUNT_LIMIT')];
  return {
    ...(length !== undefined && { attributeValueLengthLimit: length }),
    ...(count !== undefined && { attributeCountLimit: count }),
  };
}
