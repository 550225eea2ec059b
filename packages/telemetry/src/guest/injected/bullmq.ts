import type { Context } from '@opentelemetry/api';
import { propagation, ROOT_CONTEXT } from '@opentelemetry/api';
import { parseJson, stringifyJson } from '../../common/primordials.ts';
import { recordedContext } from '../../road/statements/query-spans.ts';
import type { Command } from '../published/commands.ts';
import type { Call } from './call.ts';
import { listenersOf } from './call.ts';
import { countOf, describeMessages, fieldsOf, PROCESSING, SENDING } from './messages.ts';

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
    ...PROCESSING,
    contextOf({ self, arguments: [job] }) {
      if (hasOwnTelemetry(self)) return undefined;
      const { metadata, omitContext } = (job as Job).opts?.telemetry ?? {};
      return metadata === undefined || omitContext === true ? ROOT_CONTEXT : contextIn(metadata);
    },
    describe({ self, arguments: [job] }) {
      const { id } = job as Job;
      const more = id === undefined ? {} : { 'messaging.message.id': id };
      return describeMessages('bullmq', 'process', self?.name ?? '', more);
    },
    isFailure: (error) => !PUT_OFF.has(Object(error).name),
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
    ...SENDING,
    contextOf: ({ self }) => (hasOwnTelemetry(self) ? undefined : recordedContext()),
    describe({ self, arguments: args }) {
      const jobs = jobsOf(args);
      const queue = self?.name ?? jobs[0]?.queueName ?? '';
      return describeMessages('bullmq', 'send', queue, countOf(jobs.length));
    },
    send: (call, sent) => put(call, stringifyJson(fieldsOf(sent))),
  };
}

function hasOwnTelemetry(owner: Owner | undefined): boolean {
  return owner?.opts?.telemetry !== undefined;
}

function contextIn(metadata: string): Context {
  try {
    return propagation.extract(ROOT_CONTEXT, parseJson(metadata));
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
