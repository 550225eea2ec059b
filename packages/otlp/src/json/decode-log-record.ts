import { spanIdOfLog, traceIdOfLog } from '../ids.ts';
import type { LogRecordContent } from '../messages/logs.ts';
import { readAnyValue, readAttributes } from './decode-attributes.ts';
import type { JsonFields } from './json-fields.ts';

/** ProtoJSON's names of SeverityNumber, which some senders write; OTLP's JSON has the integers. */
const SEVERITIES = [
  'SEVERITY_NUMBER_UNSPECIFIED',
  ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((level) =>
    ['', '2', '3', '4'].map((step) => `SEVERITY_NUMBER_${level}${step}`),
  ),
];

/** Reads a LogRecord message. @throws TypeError; RangeError for values nested too deep */
export function readLogRecord(fields: JsonFields): LogRecordContent {
  return {
    timeUnixNano: fields.uint64('timeUnixNano'),
    observedTimeUnixNano: fields.uint64('observedTimeUnixNano'),
    severityNumber: fields.enumeration('severityNumber', SEVERITIES),
    severityText: fields.text('severityText'),
    body: readAnyValue(fields.message('body')),
    attributes: readAttributes(fields, 'attributes'),
    droppedAttributesCount: fields.uint32('droppedAttributesCount'),
    flags: fields.uint32('flags'),
    traceId: traceIdOfLog(fields.hex('traceId')),
    spanId: spanIdOfLog(fields.hex('spanId')),
    eventName: fields.text('eventName'),
  };
}
