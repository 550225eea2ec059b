import type { Logger, LoggerProvider as Provider } from '@opentelemetry/api-logs';
import { logs } from '@opentelemetry/api-logs';
import { getNumberFromEnv } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import type { LogRecordProcessor } from '@opentelemetry/sdk-logs';
import { LoggerProvider } from '@opentelemetry/sdk-logs';

/**
 * Starts the log records of this process, for instruments, and for code that uses `@opentelemetry/api-logs`.
 *
 * @returns the provider, and how to stop; later lines make no records
 */
export function startLogs(
  resource: Resource,
  processors: LogRecordProcessor[],
): { readonly provider: Provider; stop(): void } {
  const sdk = new LoggerProvider({ resource, processors, logRecordLimits: readLimits() });
  let isStopped = false;
  const provider: Provider = {
    getLogger(...scope) {
      const logger = sdk.getLogger(...scope);
      const open: Logger = {
        emit: (record) => {
          if (!isStopped) logger.emit(record);
        },
        enabled: (options) => !isStopped && logger.enabled(options),
      };
      return open;
    },
  };
  logs.disable(); // an older provider would get the records
  logs.setGlobalLoggerProvider(provider);
  return {
    provider,
    stop() {
      isStopped = true;
      logs.disable();
    },
  };
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
