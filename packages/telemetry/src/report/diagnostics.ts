import { DiagLogLevel, diag } from '@opentelemetry/api';
import { withoutSecrets } from '../process/secrets.ts';
import type { Logger } from './logger.ts';

/** A backend's words about the rejected items of a request. */
export interface PartialSuccess {
  readonly rejected: number;
  readonly errorMessage?: string | undefined;
}

/** The SDK's provider warns about samplers of this package, even when the provider gets one. */
const OWN_SAMPLER = /^OTEL_TRACES_SAMPLER value "(?:parentbased_)?consistent_probability" invalid/;

/** The official exporter logs every failed answer. The failure report logs one line a minute, with the lost items. */
const OF_ANSWERS = /^OTLPExportDelegate$/;

const OF_PARTIAL_SUCCESS = /^Received Partial Success/;

/**
 * A backend's words about rejected items. The official exporter gives the words only to a diagnostic, right before the
 * exporter gives the result. So the reader of the result takes the words from here.
 */
export const partialSuccess: { said?: PartialSuccess | undefined } = {};

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
      if (OF_PARTIAL_SUCCESS.test(message)) partialSuccess.said = readPartialSuccess(rest[0]);
      if (level < from || OWN_SAMPLER.test(message) || OF_PARTIAL_SUCCESS.test(message)) return;
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

function readPartialSuccess(text: unknown): PartialSuccess {
  const { rejectedSpans = 0, rejectedLogRecords = 0, errorMessage } = JSON.parse(String(text));
  return { rejected: Number(rejectedSpans) + Number(rejectedLogRecords), errorMessage };
}
