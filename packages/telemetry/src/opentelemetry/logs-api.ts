import * as api from '@opentelemetry/api';
import type { LoggerProvider } from '@opentelemetry/api-logs';
import { logs } from '@opentelemetry/api-logs';

/** What API 1.10 has of `@opentelemetry/api-logs` in itself; API 1.9 has nothing of it. */
const ofApi: Pick<typeof logs, 'setGlobalLoggerProvider' | 'disable'> | undefined = Reflect.get(api, 'logs');

/** Registers the logger provider of this process, for code with `@opentelemetry/api-logs` and with the API's own `logs`. */
export function registerLoggerProvider(provider: LoggerProvider): void {
  logs.setGlobalLoggerProvider(provider);
  ofApi?.setGlobalLoggerProvider(provider);
}

/** Makes both no-ops again. */
export function unregisterLoggerProvider(): void {
  logs.disable();
  ofApi?.disable();
}
