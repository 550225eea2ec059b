/** What telemetry changes in the process that it is in, with the programs that show it. Its README lists these facts. */
export interface Fact {
  readonly what: string;
  readonly programs: Readonly<Record<string, readonly Mode[]>>;
}

type Mode = 'run' | 'register';

const BOTH: readonly Mode[] = ['run', 'register'];

/** The same for some programs. */
const each = (modes: readonly Mode[], names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, modes]));

export const FACTS: readonly Fact[] = [
  {
    what: 'Telemetry listens: channels of Node have a subscriber, and the process, its requests and answers have listeners.',
    programs: each(BOTH, ['dc-own', 'listener-counts', 'listener-max1']),
  },
  {
    what: "Telemetry's own requests are on Node's channels, where a subscriber of the app hears of them.",
    programs: each(BOTH, ['dc-throws']),
  },
  {
    what: 'Telemetry makes promises by the global Promise, which a program that replaces it can count.',
    programs: each(BOTH, ['promise-replaced']),
  },
  {
    what: 'Loading telemetry takes time: where timers of a millisecond race with it, the order may be another one.',
    programs: each(BOTH, ['als', 'atomics', 'domain']),
  },
  { what: "A request carries the trace's headers.", programs: each(BOTH, ['http-headers', 'http2']) },
  {
    what: 'Modules are loaded, and values that all copies of telemetry share have symbols on globalThis.',
    programs: each(BOTH, ['globals', 'module-facts']),
  },
  {
    what: "Express 5, which Nest stands on, tells its tracing channel of its layers while anybody listens, and calls them by Node's functions for channels.",
    programs: each(BOTH, ['express-errors', 'nest-errors']),
  },
  {
    what: "A request's headers were read, and Node 26 keeps what it has read: without telemetry, a frozen request throws at its headers.",
    programs: each(BOTH, ['freeze-req']),
  },
  { what: 'The command has variables of `run`.', programs: each(['run'], ['env-keys']) },
  {
    what: 'A test of node:test has its function called by telemetry, which is in the stack of its failure.',
    programs: each(BOTH, ['node-test']),
  },
  {
    what: 'What telemetry needs of Node is loaded before the program, which replaces something that Node needs while it loads it.',
    programs: each(BOTH, ['array-broken']),
  },
];
