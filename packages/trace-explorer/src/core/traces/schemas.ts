import Type from 'typebox';
import { strictObject } from '../../lib/strict-object.ts';

const traceId = Type.String({
  pattern: '^(?:[0-9a-fA-F]{16}){1,2}$',
  description: '32 hexadecimal digits, or 16 for an id of 64 bits',
});
export const SpanId = Type.String({ pattern: '^[0-9a-fA-F]{16}$', description: '16 hexadecimal digits' });

export const TraceParams = strictObject({ traceId });
export const SpanParams = strictObject({ traceId, spanId: SpanId });

/** @param forms the values of `form` */
export function formQuery(forms: string[]) {
  return strictObject({
    form: Type.Optional(
      Type.Enum(forms, { default: 'otlp', description: '`both` is an object with the first two' }),
    ),
    copy: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 100_000,
        default: 0,
        description: 'position among several spans with this id',
      }),
    ),
  });
}

/** The number of deleted rows. */
export const Deleted = Type.Object({
  traces: Type.Integer(),
  spans: Type.Integer({ description: 'number of deleted spans' }),
  logs: Type.Integer({ description: 'number of deleted log records' }),
});
