import { setTimeout as wait } from 'node:timers/promises';
import type { Context } from '@opentelemetry/api';
import { context, createContextKey, propagation, trace } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DatabaseConnection } from 'kysely';
import { Problem, problems } from './problems/problems.ts';
import type { DocumentedHeader } from './server/documentation.ts';

/** The header and the baggage entry that ask for a fault, and the attribute of the span in which it happens. */
const FAULT = 'tandem.fault';

/** All faults as `part:kind`, with the range of their numbers. 10 s is longer than every timeout that a delay can show. */
const FAULTS = {
  'user-lookup:delay': [1, 10_000],
  'user-lookup:error': [400, 599],
  'user-lookup:abort': undefined,
  'database:delay': [1, 10_000],
  'activities-api:n-plus-one': undefined,
  'activities-api:drop-context': undefined,
  'activities-api:log-levels': undefined,
  'activities-api:throw': undefined,
  'activities-api:stall': [1, 2_000], // all requests wait for it
} as const;

/** An example of each fault for the documentation. The explorer's *Try it* has a button for each, with the summary. */
const EXAMPLES = {
  'log-levels': {
    summary: 'Lines of every level',
    value: 'activities-api:log-levels',
    description: 'A log line of each level on arrival.',
  },
  throw: {
    summary: 'A line with an exception',
    value: 'activities-api:throw',
    description: 'An unexpected exception: the answer is 500.',
  },
  'n-plus-one': {
    summary: 'N+1 look-ups',
    value: 'activities-api:n-plus-one',
    description: 'One call to user-lookup for every author, one after another.',
  },
  'slow-lookup': {
    summary: 'Slow user-lookup',
    value: 'user-lookup:delay=400',
    description: 'user-lookup answers 400 ms later.',
  },
  'failing-lookup': {
    summary: 'Failing user-lookup',
    value: 'user-lookup:error=503',
    description: 'user-lookup answers 503.',
  },
  aborted: {
    summary: 'Aborted connection',
    value: 'user-lookup:abort',
    description: 'user-lookup cuts the connection.',
  },
  'slow-database': {
    summary: 'Slow database',
    value: 'database:delay=200',
    description: 'Every statement of this request takes 200 ms longer.',
  },
  stalled: {
    summary: 'A process that stands still',
    value: 'activities-api:stall=300',
    description: 'activities-api stands still for 300 ms while it waits for user-lookup.',
  },
  'lost-hop': {
    summary: 'A hop that drops the context',
    value: 'activities-api:drop-context',
    description: "The call to user-lookup goes out without the request's context.",
  },
} as const satisfies DocumentedHeader['examples'];

/** Something that goes wrong on purpose, for one request. */
export interface Fault {
  readonly text: string;
  readonly part: string;
  readonly kind: string;
  /** Milliseconds of a delay or stall, status of an error; 0 for the others. */
  readonly value: number;
}

/** The forms of all faults, for the error message about a malformed fault. */
export const FAULT_FORMS = Object.entries(FAULTS).map(([name, range]) =>
  range === undefined ? name : `${name}=<${range[0]} to ${range[1]}>`,
);

/** Parses a fault; undefined for a malformed text. */
export function parseFault(text: string): Fault | undefined {
  const [, name = '', digits] = /^([a-z-]+:[a-z-]+)(?:=(\d{1,5}))?$/.exec(text) ?? [];
  if (!Object.hasOwn(FAULTS, name)) return undefined;
  const range = FAULTS[name as keyof typeof FAULTS];
  const value = Number(digits ?? 0);
  const isValid = range === undefined ? digits === undefined : value >= range[0] && value <= range[1];
  const [part = '', kind = ''] = name.split(':');
  return isValid ? { text, part, kind, value } : undefined;
}

const KEY = createContextKey(FAULT);

/** A context with the request's fault. Its baggage carries the fault to the services that are called. */
export function withFault(ctx: Context, fault: Fault): Context {
  const baggage = propagation.getBaggage(ctx) ?? propagation.createBaggage();
  return propagation.setBaggage(ctx.setValue(KEY, fault), baggage.setEntry(FAULT, { value: fault.text }));
}

/** The fault that the current request asks for: any fault, or only a fault of `part`. Nearly always undefined. */
export function activeFault(part?: string): Fault | undefined {
  const fault = context.active().getValue(KEY) as Fault | undefined;
  return part === undefined || fault?.part === part ? fault : undefined;
}

/** Sets the attribute of the active span, in which the fault happens. */
export function markFault(fault: Fault): void {
  trace.getActiveSpan()?.setAttribute(FAULT, fault.text);
}

/**
 * Lets requests ask for faults, by the header or baggage entry `tandem.fault`. A fault of `service` happens on arrival. Any
 * other fault happens when the request reaches its part, here or in the service that is called. Register the hook with
 * FAULT_INJECTION=true only; without the hook, the header has no effect.
 */
export function injectFaults(app: FastifyInstance, service: string): void {
  app.addHook('onRoute', (route) => {
    route.config = { ...route.config, documentedHeaders: { [FAULT]: FAULT_HEADER } };
  });
  app.addHook('onRequest', function injectFault(request, reply, done) {
    const fault = faultOf(request);
    if (fault === undefined) return done();
    context.with(withFault(context.active(), fault), () => {
      if (fault.part !== service) return done();
      misbehave(fault, request, reply).then(() => done(), done);
    });
  });
}

const FAULT_HEADER: DocumentedHeader = {
  description: 'a fault for this request alone; from a page, as the baggage entry of this name',
  examples: EXAMPLES,
};

/** Faults of the call of user-lookup. */
const LATER: ReadonlySet<string> = new Set(['n-plus-one', 'drop-context', 'stall']);

/** @throws Problem VALIDATION_FAILED, naming the header and the forms of a fault */
function faultOf({ headers }: FastifyRequest): Fault | undefined {
  const header = headers[FAULT];
  const text = header ?? propagation.getActiveBaggage()?.getEntry(FAULT)?.value;
  if (text === undefined) return undefined;
  const fault = typeof text === 'string' ? parseFault(text.trim()) : undefined;
  if (fault !== undefined) return fault;
  const field = header === undefined ? `baggage/${FAULT}` : FAULT;
  const detail = `must be one of ${FAULT_FORMS.join(', ')}`;
  throw problems.VALIDATION_FAILED({ errors: [{ in: 'header', field, detail }] });
}

async function misbehave(fault: Fault, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  if (LATER.has(fault.kind)) return;
  markFault(fault);
  switch (fault.kind) {
    case 'delay':
      return wait(fault.value);
    case 'log-levels':
      return logAtEveryLevel(request);
    case 'throw':
      throw new Error('This request asked for an exception.');
    case 'error':
      throw new Problem('FAULT_INJECTED', { status: fault.value, title: 'This request asked for a fault' });
    case 'abort':
      reply.hijack();
      reply.raw.destroy();
      // The request ends here without an answer.
      await new Promise<never>(() => {});
  }
}

/** Writes one line per level, with common fields. LOG_LEVEL does not filter the lines. */
async function logAtEveryLevel(request: FastifyRequest): Promise<void> {
  const log = request.log.child({}, { level: 'trace' });
  const lines = [
    ['trace', {}, 'A line of level trace: every step.'],
    ['debug', { cache: { key: 'home', hit: false } }, 'A line of level debug, for a developer.'],
    ['info', { step: 3 }, 'A line of level info: what happened.'],
    ['warn', { step: 4 }, 'A line of level warn: odd, but the request goes on.'],
    ['error', { err: new Error('A caught error.') }, 'A line of level error, with an exception.'],
    ['fatal', {}, 'A line of level fatal: a process would end after it.'],
  ] as const;
  for (const [level, fields, text] of lines) {
    log[level](fields, text);
    await wait(12); // milliseconds, so that a waterfall shows the lines apart
  }
}

/**
 * Delays the statements of requests that ask for a slow database (`database:delay=200`, in milliseconds). Pass it as
 * `onCreateConnection` to a dialect inside `tracedDialect`, so that the delay is part of the statement's span. A plugin of
 * Kysely could not do this, because plugins run before and after the span.
 */
export async function delayStatements(connection: DatabaseConnection): Promise<void> {
  const execute = connection.executeQuery.bind(connection);
  connection.executeQuery = async (query, options) => {
    const fault = activeFault('database');
    if (fault?.kind === 'delay' && !/^(begin|commit|rollback)$/.test(query.sql)) {
      markFault(fault);
      await wait(fault.value, undefined, options?.signal && { signal: options.signal });
    }
    return execute(query, options);
  };
}
