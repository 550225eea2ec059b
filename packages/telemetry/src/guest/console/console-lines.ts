import { format } from 'node:util';
import type { Attributes } from '@opentelemetry/api';
import { context, trace } from '@opentelemetry/api';
import type { LoggerProvider } from '@opentelemetry/api-logs';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { listenTo } from '../../common/channels.ts';
import { codeLines } from '../../common/code-lines.ts';
import { monotonicNow } from '../../common/primordials.ts';
import { spanOfLine } from '../../road/logs/log-mixin.ts';
import { isPinoLine } from '../../road/logs/pino-lines.ts';
import { timeWithin } from '../../road/spans/clock.ts';
import { classNameOf, inspectQuietly, isErrorQuietly, readQuietly } from './quiet-inspect.ts';

/** Node's channels, whose messages are the arguments of the call: https://nodejs.org/api/diagnostics_channel.html#console */
const CHANNELS = {
  'console.debug': [SeverityNumber.DEBUG, 'DEBUG', 'stdout'],
  'console.log': [SeverityNumber.INFO, 'INFO', 'stdout'],
  'console.info': [SeverityNumber.INFO, 'INFO', 'stdout'],
  'console.warn': [SeverityNumber.WARN, 'WARN', 'stderr'],
  'console.error': [SeverityNumber.ERROR, 'ERROR', 'stderr'],
} as const;

/** Characters of a line. */
const LONGEST = 8_192;
/** Lines of a second; a loop that prints does not fill the store. */
const MOST = 200;
const SECOND_MS = 1000;

/**
 * Emits a log record of the active span for each line that the app prints with `console`, as Node tells it. Lines outside of spans,
 * and lines of pino, which have their records, are left out.
 * @returns how to stop
 */
export function recordConsole(provider: LoggerProvider): () => void {
  const logger = provider.getLogger('console');
  let [second, lines, isEmitting] = [0, 0, false];

  const tell = (
    given: readonly unknown[],
    [severityNumber, severityText, stream]: (typeof CHANNELS)[keyof typeof CHANNELS],
  ) => {
    const span = spanOfLine(undefined);
    if (span === undefined || isEmitting || isPinoLine(given)) return;
    const now = Math.floor(monotonicNow() / SECOND_MS);
    if (now !== second) [second, lines] = [now, 0];
    lines += 1;
    if (lines > MOST) return;
    isEmitting = true;
    try {
      const at = timeWithin(span);
      logger.emit({
        timestamp: at,
        observedTimestamp: at,
        severityNumber,
        severityText,
        body:
          lines === MOST ? `${MOST} lines in a second: the next ones of it are left out` : printedText(given),
        attributes: { 'log.iostream': stream, ...exceptionOf(given) },
        context: trace.setSpan(context.active(), span),
      });
    } finally {
      isEmitting = false;
    }
  };
  const channels = Object.entries(CHANNELS);
  return listenTo(
    Object.fromEntries(channels.map(([name, of]) => [name, (given: readonly unknown[]) => tell(given, of)])),
  );
}

/** The line as the console prints it, cut. */
function printedText(given: readonly unknown[]): string {
  const [first] = given;
  const parts = given.map((each) =>
    /object|function/.test(typeof each) ? inspectQuietly(each, LONGEST) : each,
  );
  const line =
    typeof first === 'string' ? format(...parts) : parts.map((each) => format('%s', each)).join(' ');
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}

/** The first error of a line, by the conventions for exceptions, as far as its members are no getters of the app. */
function exceptionOf(given: readonly unknown[]): Attributes {
  const error = given.find(isErrorQuietly);
  if (error === undefined) return {};
  const read = (key: string, without: string) => {
    const value = readQuietly(error, key);
    return isText(value) ? String(value) : without;
  };
  const type = read('name', classNameOf(error) ?? 'Error');
  const message = read('message', '');
  const stack = read('stack', `${type}: ${message}`).slice(0, LONGEST);
  return {
    'exception.type': type,
    'exception.message': message,
    'exception.stacktrace': stack,
    ...codeLines.value?.placeWithoutLine?.(stack),
  };
}

/** Others may have a `toString` of the app. */
function isText(value: unknown): boolean {
  return value !== undefined && value !== null && !/object|function/.test(typeof value);
}
