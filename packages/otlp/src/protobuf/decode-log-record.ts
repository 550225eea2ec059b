import { LogRecordFields } from '../fields/logs.ts';
import { spanIdOfLog, traceIdOfLog } from '../ids.ts';
import type { Attribute } from '../messages/attributes.ts';
import { ValueKind } from '../messages/attributes.ts';
import type { LogRecord } from '../messages/logs.ts';
import { readAnyValue, readAttribute } from './decode-attributes.ts';
import { ProtobufReader } from './reader.ts';

const NO_BODY: Attribute = Object.freeze({ key: '', kind: ValueKind.none, value: null });

/** Reads one LogRecord message. @throws RangeError for malformed bytes and for values nested too deep; LimitError */
export function decodeLogRecord(raw: Uint8Array): LogRecord {
  return readLogRecord(new ProtobufReader(raw), raw);
}

/** Reads the LogRecord message that `reader` has entered, or begins with; `raw` is the same bytes. */
export function readLogRecord(reader: ProtobufReader, raw: Uint8Array): LogRecord {
  let timeUnixNano = 0n;
  let observedTimeUnixNano = 0n;
  let severityNumber = 0;
  let severityText = '';
  let body = NO_BODY;
  const attributes: Attribute[] = [];
  let droppedAttributesCount = 0;
  let flags = 0;
  let traceId = '';
  let spanId = '';
  let eventName = '';
  while (!reader.done) {
    const tag = reader.tag();
    switch (tag) {
      // The first case: most fields are attributes, and the cases are compared one after the other.
      case LogRecordFields.attributes:
        attributes.push(readAttribute(reader, 0));
        break;
      case LogRecordFields.timeUnixNano:
        timeUnixNano = reader.fixed64();
        break;
      case LogRecordFields.observedTimeUnixNano:
        observedTimeUnixNano = reader.fixed64();
        break;
      case LogRecordFields.severityNumber:
        severityNumber = reader.enumeration();
        break;
      case LogRecordFields.severityText:
        severityText = reader.text();
        break;
      case LogRecordFields.body:
        body = readAnyValue(reader, 0);
        break;
      case LogRecordFields.droppedAttributesCount:
        droppedAttributesCount = reader.uint32();
        break;
      case LogRecordFields.flags:
        flags = reader.fixed32();
        break;
      case LogRecordFields.traceId:
        traceId = traceIdOfLog(reader.hex());
        break;
      case LogRecordFields.spanId:
        spanId = spanIdOfLog(reader.hex());
        break;
      case LogRecordFields.eventName:
        eventName = reader.text();
        break;
      default:
        reader.skip(tag);
    }
  }
  return {
    timeUnixNano,
    observedTimeUnixNano,
    severityNumber,
    severityText,
    body,
    attributes,
    droppedAttributesCount,
    flags,
    traceId,
    spanId,
    eventName,
    raw,
  };
}
