import { hostname } from 'node:os';
import type { Context, Span } from '@opentelemetry/api';
import { context, trace } from '@opentelemetry/api';
import type { AnyValueMap } from '@opentelemetry/api-logs';
import { listenTo } from '../../common/channels.ts';
import { codeLines } from '../../common/code-lines.ts';
import { parseJson } from '../../common/primordials.ts';
import type { StartInstrumentation } from '../../instrumentation.ts';
import { timeWithin } from '../spans/clock.ts';
import { logServiceName, spanOfLine } from './log-mixin.ts';

/** pino publishes every line on this channel, as text: https://github.com/pinojs/pino/blob/main/docs/diagnostics.md */
const CHANNEL = 'tracing:pino_asJson:end';

/** A message of the channel: the logger, the arguments of the call, and the line. */
interface AsJsonCall {
  readonly instance: { readonly levels?: { readonly labels?: Readonly<Record<number, string>> } };
  /** `time` as in the line: `,"time":"2026-01-01T00:00:00.000Z"`, or empty. */
  readonly arguments: readonly [fields: object, message: string | undefined, level: number, time: string];
  readonly result?: unknown;
}

type Fields = Record<string, unknown>;

/** The resource has this name and the process's id, which pino puts into each line unless `base` says otherwise. */
const HOST_NAME = hostname();
const PROCESS_ID = process.pid;

/**
 * Emits a log record for every line of every pino logger of this process, also of older loggers. The record has the line's
 * fields after serializers and redaction, with the fields of child loggers. Nothing is patched. An unreadable line becomes
 * the body of a record.
 */
export function pino(): StartInstrumentation {
  return ({ loggerProvider }) => {
    const logger = loggerProvider?.getLogger('pino');
    if (logger === undefined) return undefined;
    return listenTo<AsJsonCall>({
      [CHANNEL]: ({ instance, arguments: [given, message, level, time], result }) => {
        if (typeof result !== 'string') return;
        lastLine = result;
        const span = spanOfLine(given);
        const label = instance.levels?.labels?.[level] ?? '';
        const at = timeWithin(span);
        const fields = fieldsOf(result);
        const messageKey = fields ? messageKeyOf(fields, message) : '';
        const body = fields ? fields[messageKey] : result;
        const eventName = fields?.['event.name'];
        const attributes = fields ? attributesOfLine(fields, messageKey, span, level, label, time) : {};
        logger.emit({
          timestamp: at,
          observedTimestamp: at,
          severityNumber: severityOfLevel(level),
          severityText: label,
          body: body as string,
          attributes: withException(attributes) as AnyValueMap,
          context: contextWith(span),
          ...(typeof eventName === 'string' && { eventName }),
        });
      },
    });
  };
}

let lastLine: string | undefined;

/** Whether what is printed is the line that pino has just made: a destination may print it with `console`. */
export function isPinoLine([text, ...others]: readonly unknown[]): boolean {
  return others.length === 0 && typeof text === 'string' && text.trimEnd() === lastLine?.trimEnd();
}

function fieldsOf(line: string): Fields | undefined {
  try {
    return parseJson(line);
  } catch {
    return undefined; // a listener of a channel must not throw
  }
}

function contextWith(span: Span | undefined): Context {
  const active = context.active();
  if (span === trace.getSpan(active)) return active;
  return span === undefined ? trace.deleteSpan(active) : trace.setSpan(active, span);
}

/** The fields that the record has nowhere else. A logger's time only has whole milliseconds. */
function attributesOfLine(
  fields: Fields,
  messageKey: string,
  span: Span | undefined,
  level: number,
  label: string,
  time: string,
): Fields {
  const attributes: Fields = {};
  // One loop, because an object with deleted members is slow from then on.
  for (const key in fields) {
    const value = fields[key];
    const isElsewhere =
      key === messageKey ||
      key === 'event.name' ||
      (span !== undefined && (key === 'trace_id' || key === 'span_id' || key === 'trace_flags')) ||
      (key === 'service.name' && value === logServiceName.value) ||
      (key === 'level' && (value === label || value === level)) ||
      (time.startsWith(key, 2) && (time === `,"${key}":${value}` || time === `,"${key}":"${value}"`)) ||
      (key === 'pid' && value === PROCESS_ID) ||
      (key === 'hostname' && value === HOST_NAME) ||
      key === '__proto__'; // would replace the prototype
    if (!isElsewhere) attributes[key] = value;
  }
  return attributes;
}

/**
 * The key of the line's own message, which may be redacted: `msg`, or the logger's `messageKey`. A line that was given no
 * message may have one among its fields: `log.info({ msg: 'x' })`. Empty without a message.
 */
function messageKeyOf(fields: Fields, message: string | undefined): string {
  if (message === undefined && typeof fields.msg !== 'string') return '';
  return 'msg' in fields ? 'msg' : (Object.keys(fields).findLast((key) => fields[key] === message) ?? '');
}

/**
 * SeverityNumber (Logs Data Model) of a pino level. 30 (info) is 9, INFO; 35, between info and warn, is 11, INFO3.
 */
function severityOfLevel(level: number): number {
  const number = 1 + Math.floor(((level - 10) / 10) * 4);
  return Math.min(24, Math.max(1, number));
}

/** Fields of pino's serializer for errors → attributes by the conventions for exceptions. */
const EXCEPTION_FIELDS = [
  ['type', 'exception.type'],
  ['message', 'exception.message'],
  ['stack', 'exception.stacktrace'],
] as const;

/** Turns `err`, a serialized error, into `exception.*`. Other fields of the error stay in `err`. */
function withException(fields: Fields): Fields {
  if (typeof fields.err !== 'object' || fields.err === null || Array.isArray(fields.err)) return fields;
  const { err, ...attributes } = fields;
  const rest: Fields = { ...err };
  for (const [name, attribute] of EXCEPTION_FIELDS) {
    if (typeof rest[name] !== 'string') continue;
    attributes[attribute] = rest[name];
    delete rest[name];
  }
  const stack = attributes['exception.stacktrace'];
  if (typeof stack === 'string') Object.assign(attributes, codeLines.value?.placeWithoutLine?.(stack));
  return Object.keys(rest).length === 0 ? attributes : { ...attributes, err: rest };
}
