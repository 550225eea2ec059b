import type { DiagLogLevel } from '@opentelemetry/api';
import { diag } from '@opentelemetry/api';
import pino from 'pino';
import { withoutSecrets } from '../process/secrets.ts';
import { logMixin } from './log-mixin.ts';

/** Telemetry logs here; pino's loggers fit. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Options of pino for lines that carry trace_id, span_id and service.name, with the level by name and ISO times. */
export const LOG_FORMAT = {
  base: null,
  mixin: logMixin,
  timestamp: pino.stdTimeFunctions.isoTime,
  formatters: { level: (label: string) => ({ level: label }) },
};

/** Telemetry's own logger: JSON lines on stdout. Writes at once: the last line comes while the process exits. */
export function createLogger(level: string): Logger {
  return pino({ level, ...LOG_FORMAT }, pino.destination({ dest: 1, sync: true }));
}

/** The SDK's provider says so of samplers of this package, also when it is given one. */
const OWN_SAMPLER = /^OTEL_TRACES_SAMPLER value "(?:parentbased_)?consistent_probability" invalid/;

/** The exporter says of every answer what the failure report says once a minute, with the number of lost items. */
const OF_ANSWERS = /^(?:OTLPExportDelegate$|Received Partial Success)/;

/**
 * Sends OpenTelemetry's own diagnostics to `log`, from `level` (OTEL_LOG_LEVEL) on. A complaint about a variable, which each
 * reader of the variable makes, is logged once.
 *
 * @param secrets values that must not show: OpenTelemetry's exporters print answers of backends
 */
export function logDiagnostics(log: Logger, level: DiagLogLevel, secrets: readonly string[]): void {
  const clean = (part: unknown) => withoutSecrets(String(part), secrets);
  const complaints = new Set<string>();
  const write =
    (method: keyof Logger) =>
    (message: string, ...rest: unknown[]) => {
      if (OWN_SAMPLER.test(message) || OF_ANSWERS.test(message) || complaints.has(message)) return;
      if (/OTEL_\w+|^Configuration:/.test(message)) complaints.add(message);
      const diagnostics = rest.length === 0 ? undefined : rest.map(clean);
      log[method]({ diagnostics }, `OpenTelemetry: ${clean(message)}`);
    };
  diag.setLogger(
    {
      error: write('error'),
      warn: write('warn'),
      info: write('info'),
      debug: write('debug'),
      verbose: write('debug'),
    },
    { logLevel: level, suppressOverrideMessage: true },
  );
}
