import { counted } from '../../../../../lib/text/words.ts';
import { verifyRule } from '../../rule.ts';

export const spa001 = verifyRule({
  title: 'Many spans for steps within a service',
  impact: 'Normal',
  find: ({ columns, findTraces, noTest }) => findTraces(`${columns.kind} = 'internal' AND ${noTest}`, 10),
  sentence: ({ count, most }) =>
    `${counted(count, 'trace')} with more than 10 INTERNAL spans of the service, up to ${most}`,
  node: 'registerInstrumentations without instrumentations that make a span per step, such as instrumentation-fs; span.addEvent instead of a span',
  others: 'OTEL_INSTRUMENTATION_<NAME>_ENABLED=false for instrumentations that make a span per step',
});

/** Every parent is somewhere in the store, at any time and of any service. */
export const spa002 = verifyRule({
  title: 'The parents of spans did not arrive',
  impact: 'Normal',
  find: async ({ columns, count, share }) => {
    const { condition } = await share();
    const id = (span: string) => `hash(${columns.traceId}, ${span})`;
    const sent = `SELECT ${id(columns.spanId)} FROM spans WHERE ${columns.isSpan} AND ${condition}`;
    return count(
      `${condition} AND ${columns.parentId} IS NOT NULL AND ${id(columns.parentId)} NOT IN (${sent})`,
    );
  },
  sentence: ({ count }) => `${counted(count, 'span')} whose parent did not arrive`,
  node: 'The caller sends its spans here too (its OTEL_EXPORTER_OTLP_ENDPOINT), samples alike (OTEL_TRACES_SAMPLER=parentbased_always_on), and ends with await sdk.shutdown()',
  others:
    'The caller sends its spans here too (its OTEL_EXPORTER_OTLP_ENDPOINT), and samples alike (OTEL_TRACES_SAMPLER=parentbased_always_on)',
});

export const spa004 = verifyRule({
  title: 'A call begins a trace',
  impact: 'Important',
  find: ({ columns, count }) => count(`${columns.kind} = 'client' AND ${columns.parentId} IS NULL`),
  sentence: ({ count }) =>
    `${counted(count, 'span')} of kind CLIENT at the beginning of a trace: nothing says which request or job made the call`,
  node: "tracer.startActiveSpan('<job>', …) around the call, and the instrumentation of the server",
  others: 'The instrumentation of the server, or a span around the job that makes the call',
});

export const spa005 = verifyRule({
  title: 'Many short spans',
  impact: 'Important',
  find: ({ columns, findTraces, noTest }) => findTraces(`${columns.duration} < 5000000 AND ${noTest}`, 20),
  sentence: ({ count, most }) =>
    `${counted(count, 'trace')} with more than 20 spans of the service that took less than 5 ms, up to ${most}`,
  node: 'One call for many instead of a loop of calls; no span for work of microseconds',
  others: 'One call for many instead of a loop of calls; OTEL_INSTRUMENTATION_<NAME>_ENABLED=false',
});
