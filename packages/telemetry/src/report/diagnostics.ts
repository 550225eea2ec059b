import { DiagLogLevel, diag } from '@opentelemetry/api';
import type { Logger } from '@tandem/durable-export';
import { readPartialSuccess } from '@tandem/durable-export';
import { withoutSecrets } from '@tandem/durable-export/secrets';

/** The SDK's provider warns about samplers of this package, even when the provider gets one. */
const OWN_SAMPLER = /^OTEL_TRACES_SAMPLER value "(?:parentbased_)?consistent_probability" invalid/;

/** The app starts an SDK of its own, which cannot replace what this package has registered. With a stack, once per part. */
const SECOND_SDK = /^Error: @opentelemetry\/api: Attempted duplicate registration of API/;

/** The official exporter logs every failed answer. The failure report logs one line a minute, with the lost items. */
const OF_ANSWERS = /^OTLPExportDelegate$/;

/**
 * Sends OpenTelemetry's own diagnostics to `log`, from `level` (OTEL_LOG_LEVEL) on. Each reader of a variable complains
 * about a wrong value; the complaint is logged once.
 *
 * @param secrets values that must not show: OpenTelemetry's exporters print answers of backends
 */
export function logDiagnostics(log: Logger, level: DiagLogLevel, secrets: readonly string[]): void {
  const clean = (part: unknown) => withoutSecrets(String(part), secrets);
  const complaints = new Set<string>();
  const write =
    (method: keyof Logger, from: DiagLogLevel) =>
    (message: string, ...rest: unknown[]) => {
      if (readPartialSuccess(message, rest[0])) return; // the export's own report tells of the rejected items
      if (level < from || OWN_SAMPLER.test(message)) return;
      if (SECOND_SDK.test(message)) {
        if (level >= DiagLogLevel.INFO && !complaints.has(SECOND_SDK.source))
          log.info({}, 'The app starts an OpenTelemetry SDK of its own: its spans are in the same traces.');
        complaints.add(SECOND_SDK.source);
        return;
      }
      if (OF_ANSWERS.test(message) || complaints.has(message)) return;
      if (/OTEL_\w+|^Configuration:/.test(message)) complaints.add(message);
      const diagnostics = rest.length === 0 ? undefined : rest.map(clean);
      log[method]({ diagnostics }, `OpenTelemetry: ${clean(message)}`);
    };
  diag.setLogger(
    {
      error: write('error', DiagLogLevel.ERROR),
      warn: write('warn', DiagLogLevel.WARN),
      info: write('info', DiagLogLevel.INFO),
      debug: write('debug', DiagLogLevel.DEBUG),
      verbose: write('debug', DiagLogLevel.VERBOSE),
    },
    // Warnings always arrive, because a partial success is a warning.
    { logLevel: Math.max(level, DiagLogLevel.WARN), suppressOverrideMessage: true },
  );
}
