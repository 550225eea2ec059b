import type { DiagLogLevel } from '@opentelemetry/api';
import { diag } from '@opentelemetry/api';
import { OF_SECOND_SDK } from '../../beside/other-tracers.ts';
import type { Logger } from '../../road/delivery/logger.ts';
import { withoutSecrets } from '../secrets/secrets.ts';

/** The SDK's provider warns about samplers of this package, even when the provider gets one. */
const OWN_SAMPLER = /^OTEL_TRACES_SAMPLER value "(?:parentbased_)?consistent_probability" invalid/;

/** The official exporter logs every answer that takes less than all. The report logs one line a minute, with the lost items. */
const OF_ANSWERS = /^(?:OTLPExportDelegate$|Received Partial Success)/;

const LEFT_OUT = [OWN_SAMPLER, OF_ANSWERS, OF_SECOND_SDK];

/**
 * Sends OpenTelemetry's own diagnostics to `log`, from `level` (OTEL_LOG_LEVEL) on. Each reader of a variable complains
 * about a wrong value; the complaint is logged once.
 *
 * @param secrets values that must not show: OpenTelemetry's exporters print answers of backends
 * @returns whether OpenTelemetry's API took it: not where another version of the API has registered something before
 */
export function logDiagnostics(log: Logger, level: DiagLogLevel, secrets: readonly string[]): boolean {
  const clean = (part: unknown) => withoutSecrets(String(part), secrets);
  const said = new Set<string>();
  const write =
    (method: keyof Logger) =>
    (message: string, ...rest: unknown[]) => {
      if (LEFT_OUT.some((known) => known.test(message)) || said.has(message)) return;
      if (/OTEL_\w+|^Configuration:/.test(message)) said.add(message);
      const diagnostics = rest.length === 0 ? undefined : rest.map(clean);
      log[method]({ diagnostics }, `OpenTelemetry: ${clean(message)}`);
    };
  const logger = {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    verbose: write('debug'),
  };
  return diag.setLogger(logger, { logLevel: level, suppressOverrideMessage: true });
}
