import type { ExportResult } from '@opentelemetry/core';
import { ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';
import { classifyExportFailure } from './export-failure.ts';
import type { FailureReporter } from './failure-report.ts';
import { watchResponses } from './response-watch.ts';

/**
 * An OTLP/HTTP exporter that reports each failed batch, and the first that works again. The result is passed on
 * unchanged.
 *
 * @param exporter one that posts with node:http, as @opentelemetry/exporter-trace-otlp-proto does
 * @param url the full URL it posts to
 */
export function reportingExporter(
  exporter: SpanExporter,
  url: string,
  reporter: FailureReporter,
): SpanExporter {
  const watch = watchResponses(url);
  return {
    export(spans: ReadableSpan[], done: (result: ExportResult) => void) {
      exporter.export(spans, (result) => {
        if (result.code === ExportResultCode.SUCCESS) reporter.recovered(url);
        else reporter.report(classifyExportFailure(result.error, url, watch.latest()), spans.length);
        done(result);
      });
    },
    async forceFlush() {
      await exporter.forceFlush?.();
    },
    async shutdown() {
      try {
        await exporter.shutdown();
      } finally {
        watch.stop();
      }
    },
  };
}
