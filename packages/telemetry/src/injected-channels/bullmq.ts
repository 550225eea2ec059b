import type { Attributes, Context } from '@opentelemetry/api';
import { propagation, ROOT_CONTEXT, SpanKind } from '@opentelemetry/api';
import type { Command } from '../any-process/drivers/commands.ts';
import { recordedContext } from '../statements/query-spans.ts';
import type { Call } from './call.ts';
import { listenersOf } from './call.ts';

/** Options of a job. `telemetry.metadata` travels through Redis with the job: BullMQ's own place for a context, as JSON. */
interface JobOptions {
  readonly telemetry?: { readonly metadata?: string; readonly omitContext?: boolean };
}

/** A job, or a tree of jobs. */
interface Job {
  readonly id?: string;
  readonly name: string;
  readonly queueName?: string;
  readonly opts?: JobOptions;
  readonly children?: readonly Job[];
}

/** A queue, a producer of trees, or a worker. With BullMQ's own `telemetry` the spans are BullMQ's. */
interface Owner {
  readonly name?: string;
  readonly opts?: { readonly telemetry?: unknown };
}

/** What a processor throws to put a job off, which is no failure. */
const PUT_OFF = new Set(['DelayedError', 'RateLimitError', 'WaitingError', 'WaitingChildrenError']);

/**
 * `add` of a queue and of a producer of trees is a PRODUCER span, and each attempt at a job a CONSUMER span below it, in
 * whichever process: a worker takes one job at a time.
 */
export const bullmqListeners = listenersOf<Owner>({
  add: producer({
    jobsOf: ([job]) => (typeof job === 'string' ? [] : [job as Job]),
    put(call, metadata) {
      const [job] = call.arguments;
      if (typeof job === 'string') call.arguments[2] = withContext(call.arguments[2] as JobOptions, metadata);
      else call.arguments[0] = treeWithContext(job as Job, metadata);
    },
  }),
  addBulk: producer({
    jobsOf: ([jobs]) => jobs as Job[],
    put(call, metadata) {
      call.arguments[0] = (call.arguments[0] as Job[]).map((job) => treeWithContext(job, metadata));
    },
  }),
  callProcessJob: {
    kind: SpanKind.CONSUMER,
    isParent: true,
    contextOf({ self, arguments: [job] }) {
      if (hasOwnTelemetry(self)) return undefined;
      const { metadata, omitContext } = (job as Job).opts?.telemetry ?? {};
      return metadata === undefined || omitContext === true ? ROOT_CONTEXT : contextIn(metadata);
    },
    describe({ self, arguments: [job] }) {
      return message('process', self?.name, job as Job);
    },
    isFailure: (error) => !PUT_OFF.has(Object(error).name),
    statusCode: () => undefined,
  },
});

function producer({
  jobsOf,
  put,
}: {
  jobsOf(args: readonly unknown[]): readonly Job[];
  put(call: Call<Owner>, metadata: string): void;
}): Command<Call<Owner>> {
  return {
    kind: SpanKind.PRODUCER,
    isParent: true,
    contextOf: ({ self }) => (hasOwnTelemetry(self) ? undefined : recordedContext()),
    describe({ self, arguments: args }) {
      const jobs = jobsOf(args);
      const count = { 'messaging.batch.message_count': jobs.length };
      const { name, attributes } = message('send', self?.name ?? jobs[0]?.queueName);
      return { name, attributes: { ...attributes, ...(jobs.length > 1 && count) } };
    },
    send(call, sent) {
      const carrier: Record<string, string> = {};
      propagation.inject(sent, carrier);
      put(call, JSON.stringify(carrier));
    },
    statusCode: () => undefined,
  };
}

/** https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/ */
function message(operation: 'send' | 'process', queue = '', job?: Job) {
  const attributes: Attributes = {
    'messaging.system': 'bullmq',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation,
    'messaging.destination.name': queue,
  };
  if (job?.id !== undefined) attributes['messaging.message.id'] = job.id;
  return { name: `${operation} ${queue}`, attributes };
}

function hasOwnTelemetry(owner: Owner | undefined): boolean {
  return owner?.opts?.telemetry !== undefined;
}

function contextIn(metadata: string): Context {
  try {
    return propagation.extract(ROOT_CONTEXT, JSON.parse(metadata));
  } catch {
    return ROOT_CONTEXT; // written by somebody else
  }
}

/** The options with a context, where the app has put none in. */
function withContext(options: JobOptions | undefined, metadata: string): JobOptions {
  return options?.telemetry === undefined ? { ...options, telemetry: { metadata } } : options;
}

function treeWithContext({ children, ...job }: Job, metadata: string): Job {
  const below = children && { children: children.map((child) => treeWithContext(child, metadata)) };
  return { ...job, opts: withContext(job.opts, metadata), ...below };
}
