import protobuf from 'protobufjs';
import t from 'tap';
import * as common from '../src/fields/common.ts';
import * as logs from '../src/fields/logs.ts';
import * as resource from '../src/fields/resource.ts';
import * as rpcStatus from '../src/fields/rpc-status.ts';
import * as trace from '../src/fields/trace.ts';
import * as traceService from '../src/fields/trace-service.ts';
import { WireType } from '../src/fields/types.ts';
import * as wellKnown from '../src/fields/well-known.ts';
import { ValueKind } from '../src/messages/attributes.ts';
import { RpcCode } from '../src/rpc-status.ts';
import { protoRoot } from '../testing/index.ts';

/** The message of each table whose name is not the message's own. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  SpanEvent: 'Span.Event',
  SpanLink: 'Span.Link',
  SpanStatus: 'Status',
  RpcStatus: 'Status',
};

/** Wire types of scalar types, by their names. */
const WIRE_TYPES: Readonly<Record<string, number>> = protobuf.types.basic;

const PACKAGES = {
  'opentelemetry.proto.common.v1': common,
  'opentelemetry.proto.resource.v1': resource,
  'opentelemetry.proto.trace.v1': trace,
  'opentelemetry.proto.collector.trace.v1': traceService,
  'opentelemetry.proto.logs.v1': logs,
  'google.rpc': rpcStatus,
  'google.protobuf': wellKnown,
};

for (const [name, tables] of Object.entries(PACKAGES)) {
  t.test(`the tables of ${name} have the names, numbers and types of its .proto file`, async (t) => {
    const messages = new Set<string>();
    for (const [tableName, table] of Object.entries(tables)) {
      const ownName = tableName.replace(/Fields$/, '');
      const messageName = OTHER_NAMES[ownName] ?? ownName;
      messages.add(messageName);
      t.strictSame(table, tagsOf(protoRoot.lookupType(`${name}.${messageName}`)), tableName);
    }
    t.strictSame(
      [...messages].toSorted(),
      messagesIn(protoRoot.lookup(name)).toSorted(),
      'and none is missing',
    );
  });
}

t.test(
  'what stands around the items has the same tags for all signals, so that it is read by one piece of code',
  async (t) => {
    const values = (table: object) => Object.values(table).toSorted((a, b) => a - b);
    t.strictSame(
      values(tagsOf(protoRoot.lookupType('opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest'))),
      values(traceService.ExportTraceServiceRequestFields),
    );
    t.strictSame(Object.values(logs.ResourceLogsFields), Object.values(trace.ResourceSpansFields));
    t.strictSame(Object.values(logs.ScopeLogsFields), Object.values(trace.ScopeSpansFields));
    for (const [service, message, count] of [
      ['trace', 'ExportTracePartialSuccess', 'rejectedSpans'],
      ['logs', 'ExportLogsPartialSuccess', 'rejectedLogRecords'],
      ['metrics', 'ExportMetricsPartialSuccess', 'rejectedDataPoints'],
    ]) {
      const type = protoRoot.lookupType(`opentelemetry.proto.collector.${service}.v1.${message}`);
      t.strictSame(tagsOf(type), {
        [String(count)]: traceService.ExportTracePartialSuccessFields.rejectedSpans,
        errorMessage: traceService.ExportTracePartialSuccessFields.errorMessage,
      });
    }
  },
);

/** Tag by field name, as a table has them. */
function tagsOf(message: protobuf.Type): Record<string, number> {
  return Object.fromEntries(
    message.fieldsArray.map((field) => [field.name, field.id * 8 + wireTypeOf(field)]),
  );
}

function wireTypeOf({ type, resolvedType }: protobuf.Field): number {
  if (resolvedType instanceof protobuf.Enum) return WireType.varint;
  return resolvedType === null ? (WIRE_TYPES[type] ?? Number.NaN) : WireType.bytes;
}

/** Names of all messages of a package, those within others as `Span.Event`. */
function messagesIn(parent: protobuf.ReflectionObject | null, prefix = ''): string[] {
  const children = parent instanceof protobuf.Namespace ? parent.nestedArray : [];
  return children.flatMap((child) =>
    child instanceof protobuf.Type
      ? [`${prefix}${child.name}`, ...messagesIn(child, `${prefix}${child.name}.`)]
      : [],
  );
}

t.test('kinds of values have the numbers of the members of AnyValue', async (t) => {
  const { none, ...kinds } = ValueKind;
  t.equal(none, 0);
  const members = protoRoot.lookupType('opentelemetry.proto.common.v1.AnyValue').fieldsArray;
  t.strictSame(
    Object.values(kinds).toSorted((a, b) => a - b),
    members.map(({ id }) => id).toSorted((a, b) => a - b),
  );
});

t.test('codes of answers have the numbers of google.rpc.Code', async (t) => {
  const { values } = protoRoot.lookupEnum('google.rpc.Code');
  for (const [name, code] of Object.entries(RpcCode))
    t.equal(values[name.replace(/[A-Z]/g, '_$&').toUpperCase()], code, name);
});
