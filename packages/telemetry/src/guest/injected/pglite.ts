import { context } from '@opentelemetry/api';
import { enterContext } from '../../common/enter-context.ts';
import { calls } from '../../road/http/call.ts';
import { describeSql } from '../published/commands.ts';
import { spansOf } from '../published/driver-spans.ts';
import { STANDARD } from '../published/sql-text.ts';
import type { Call, Listeners } from './call.ts';
import { callerOfStatement } from './caller-of-statement.ts';

/** First bytes of messages (PostgreSQL, "Message Formats"): a statement, one with parameters, and the end of the latter. */
const [QUERY, PARSE, SYNC] = [0x51, 0x50, 0x53];
/** First byte and length. */
const HEAD_BYTES = 5;
/** More of a message is not read. */
const MAX_BYTES = 32_768;

interface Message extends Call<object> {
  readonly arguments: [bytes: Uint8Array];
}

const spans = spansOf<Message>({
  statement: {
    contextOf: callerOfStatement,
    describe: (message) => describeSql('postgresql', statementIn(message), {}, STANDARD),
  },
});

/** The statement that a database runs: one at a time. */
const running = new WeakMap<object, Message>();

/** Spans of PGlite: a statement is a message, or some. A transaction sends its BEGIN and COMMIT, too. */
export const pgliteListeners: Listeners = {
  ...messagesOf('execProtocol'),
  ...messagesOf('execProtocolStream'),
  'query:start': knowLine,
  'query:end': leave,
  'exec:start': knowLine,
  'exec:end': leave,
};

const entered = new WeakMap<Call, ReturnType<typeof enterContext>>();

/** Messages are sent in later turns, without the app on the stack. */
function knowLine(call: Call): void {
  entered.set(call, enterContext(calls.asking(context.active())));
}

function leave(call: Call): void {
  entered.get(call)?.dispose();
}

function messagesOf(name: string): Listeners {
  return {
    [`${name}:start`](message: Message) {
      const [type] = message.arguments[0];
      if (type !== QUERY && type !== PARSE) return;
      running.set(Object(message.self), message);
      spans.start('statement', message);
    },
    [`${name}:error`]({ self, error }: Message) {
      const statement = running.get(Object(self));
      if (statement !== undefined) spans.error('statement', Object.assign(statement, { error }));
    },
    [`${name}:asyncEnd`]({ self, arguments: [[type]], result }: Message) {
      const statement = running.get(Object(self));
      if (statement !== undefined && (type === QUERY || type === SYNC))
        spans.end('statement', Object.assign(statement, { result }));
    },
  };
}

/** The text of a statement; with parameters it has a name before it. */
function statementIn({ arguments: [bytes] }: Message): string | undefined {
  const texts = new TextDecoder().decode(bytes.subarray(HEAD_BYTES, MAX_BYTES)).split('\0');
  return texts[bytes[0] === PARSE ? 1 : 0];
}
