/** The types that a field can have. A field has one type at a time; the store widens the type when a value does not fit. */
export type FieldType = 'string' | 'integer' | 'float' | 'boolean';

/** Whether a row tells of a trace or is a log record: the value of `meta.signal_type`. */
export type SignalType = 'trace' | 'log';

/** A value of a field. An integer is a bigint when a double cannot hold it. */
export type FieldValue = string | number | bigint | boolean;

/** The type of a field with values of these types. Integers and floats are read as floats, any other mix as text. */
export function commonType([first = 'string', ...others]: readonly FieldType[]): FieldType {
  const areNumbers = [first, ...others].every((type) => type === 'integer' || type === 'float');
  return others.length === 0 ? first : areNumbers ? 'float' : 'string';
}
