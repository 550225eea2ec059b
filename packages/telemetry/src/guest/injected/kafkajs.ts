import { tracingChannel } from 'node:diagnostics_channel';
import type { Attributes, Context, TextMapGetter } from '@opentelemetry/api';
import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { recordedContext } from '../../road/statements/query-spans.ts';
import type { Command } from '../published/commands.ts';
import type { Call, Listeners } from './call.ts';
import { listenersOf } from './call.ts';
import { countOf, describeMessages, fieldsOf, PROCESSING, SENDING } from './messages.ts';

/** A message. Its headers are texts, and bytes once they were sent. */
interface Message {
  readonly key?: unknown;
  readonly value?: unknown;
  readonly partition?: unknown;
  readonly timestamp?: unknown;
  readonly headers?: Headers | null;
  readonly offset?: string;
}
type Headers = Readonly<Record<string, unknown>>;

/** What the app sends. It can be wrong: kafkajs itself says so. */
interface List {
  readonly topic?: string;
  readonly messages?: readonly Message[];
}
interface Sent extends List {
  readonly topicMessages?: readonly List[];
}

/** Where messages come from. */
interface From {
  readonly topic: string;
  readonly partition: number;
}
interface Batch extends From {
  readonly messages: readonly Message[];
}

type Handler = (this: unknown, payload: object) => unknown;

/** Reads messages for a consumer; after a crash the consumer gets another. */
interface Runner {
  readonly consumerGroup: { readonly groupId: string };
  eachMessage?: Handler | null;
  eachBatch?: Handler | null;
}

interface Client {
  readonly producer: unknown;
}

const started = new WeakSet<Runner>();
/** Whether OpenTelemetry's instrumentation makes the spans of what is sent. */
let isInstrumented = false;

const sending: Command<Call<Runner>> = {
  ...SENDING,
  contextOf: () => (isInstrumented ? undefined : recordedContext()),
  describe({ arguments: [sent] }) {
    const lists = listsIn(Object(sent));
    const [topic = '', ...others] = new Set(lists.map((each) => each.topic));
    const count = lists.flatMap(({ messages = [] }) => messages).length;
    return describeMessages('kafka', 'send', others.length > 0 ? '' : topic, countOf(count));
  },
  send(call, context) {
    const fields = fieldsOf(context);
    const sent = call.arguments[0] as Sent;
    const topicMessages = listsIn(sent).map(({ topic, messages }) => ({
      topic,
      messages: messages?.map((message) => withFields(message, fields)),
    }));
    call.arguments[0] = { ...sent, ...(sent.topicMessages ? { topicMessages } : topicMessages[0]) };
  },
};

/** `send` sends one list, and `sendBatch` some. */
function listsIn(sent: Sent): readonly List[] {
  return sent.topicMessages ?? [sent];
}

/**
 * A call that sends messages is a PRODUCER span. Each call of `eachMessage` is a CONSUMER span below the one that sent the
 * message, and each call of `eachBatch` one with links to those.
 */
export const kafkajsListeners: Listeners = {
  ...listenersOf<Runner>({
    send: sending,
    sendBatch: sending,
    eachMessage: {
      ...PROCESSING,
      contextOf: ({ arguments: [payload] }) => contextIn((payload as { message: Message }).message),
      describe({ self, arguments: [payload] }) {
        const from = payload as From & { readonly message: Message };
        return describeProcess(self, from, { 'kafka.offset': Number(from.message.offset) });
      },
    },
    eachBatch: {
      ...PROCESSING,
      contextOf: () => ROOT_CONTEXT,
      describe({ self, arguments: [payload] }) {
        const { batch } = payload as { readonly batch: Batch };
        const senders = Map.groupBy(batch.messages, ({ headers }) => String(headers?.traceparent));
        const links = [...senders.values()].flatMap(([message = {}]) => {
          const sender = trace.getSpanContext(contextIn(message));
          return sender === undefined ? [] : { context: sender };
        });
        const count = { 'messaging.batch.message_count': batch.messages.length };
        return { ...describeProcess(self, batch, count), links };
      },
    },
  }),
  'producer:start'({ self }: Call<Client>) {
    isInstrumented = isWrapped(self?.producer);
  },
  'start:start'({ self }: Call<Runner>) {
    if (self === undefined || started.has(self)) return;
    started.add(self);
    for (const name of ['eachMessage', 'eachBatch'] as const) {
      const handler = self[name];
      if (typeof handler !== 'function' || isWrapped(handler)) continue;
      const handled = tracingChannel(`tandem:kafkajs:${name}`);
      self[name] = (payload) =>
        handled.tracePromise(handler as never, { self, arguments: [payload] }, self, payload);
    }
  },
};

function describeProcess(runner: Runner | undefined, from: From, more: Attributes) {
  return describeMessages('kafka', 'process', from.topic, {
    'messaging.consumer.group.name': runner?.consumerGroup.groupId,
    'messaging.destination.partition.id': String(from.partition),
    ...more,
  });
}

/** Whether an instrumentation of OpenTelemetry's has replaced a function. */
function isWrapped(replaced: unknown): boolean {
  return Object(replaced).__wrapped === true;
}

/** A message with a context in its headers, unless the app has put one in. The app's own message stays as it is. */
function withFields(message: Message, fields: Headers): Message {
  if (message.headers?.traceparent !== undefined) return message;
  // A class of the app can have all of these as getters.
  const { key, value, partition, timestamp } = message;
  const headers = { ...fields, ...message.headers };
  return { __proto__: message, key, value, partition, timestamp, headers } as Message;
}

function contextIn({ headers }: Message): Context {
  return propagation.extract(ROOT_CONTEXT, headers ?? {}, HEADERS);
}

const HEADERS: TextMapGetter<Headers> = {
  keys: (headers) => Object.keys(headers),
  get: (headers, name) => (Object.hasOwn(headers, name) ? String([headers[name]].flat()[0]) : undefined),
};
