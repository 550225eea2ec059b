import diagnostics from 'node:diagnostics_channel';
import dns from 'node:dns';
import { readFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import type { Order } from './orders.ts';
import { CHAOS_HOST } from './orders.ts';

// Loaded into a service with `--import`, before all else, for faults that nobody can cause from outside: at SIGWINCH it
// reads the order that stands in the file CHAOS_ORDER. (SIGUSR1 is Node's own; SIGUSR2 ends the services.) The service
// itself knows nothing of it.
const { CHAOS_ORDER: file = '' } = process.env;
let failsNames = false;
/** Milliseconds; undefined until the first step. */
let stepped: number | undefined;

process.on('SIGWINCH', () => {
  const order: Order = JSON.parse(readFileSync(file, 'utf8'));
  if (order.kind === 'stall') stall(order.milliseconds);
  else if (order.kind === 'step-clock') stepClock(order.milliseconds);
  else if (order.kind === 'names') failsNames = order.fails;
  else endInRequest(order.by);
});

/** The event loop does nothing else for so long. */
function stall(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** Ends the process in the middle of a request of a caller, which is where its own request begins. */
function endInRequest(by: 'throw' | 'exit'): void {
  diagnostics.subscribe('undici:request:create', (message) => {
    const { request } = message as { request: { path: string } };
    if (!request.path.startsWith('/api/')) return;
    setImmediate(() => {
      if (by === 'exit') process.exit(1);
      throw new Error('Nobody catches this.');
    });
  });
}

/** The time of day, as JavaScript sees it, is that much later from now on; the system's own clock stays as it is. */
function stepClock(milliseconds: number): void {
  // Wrapped once: the steps of a run of hours would wrap it a hundred times.
  if (stepped === undefined) wrapClock();
  stepped = (stepped ?? 0) + milliseconds;
}

function wrapClock(): void {
  const now = Date.now;
  Date.now = () => now() + (stepped ?? 0);
  globalThis.Date = new Proxy(Date, {
    construct(target, given, newTarget) {
      return Reflect.construct(target, given.length === 0 ? [target.now()] : given, newTarget);
    },
  });
}

// The one name is this machine, or unknown; all others are as they are.
const find = dns.lookup;
const patched = (hostname: string, ...rest: unknown[]) => {
  const callback = rest.at(-1) as (error: Error | null, ...found: unknown[]) => void;
  if (hostname !== CHAOS_HOST) return Reflect.apply(find, dns, [hostname, ...rest]);
  const wantsAll = (rest[0] as { all?: boolean } | undefined)?.all === true;
  const error = Object.assign(new Error(`getaddrinfo EAI_AGAIN ${hostname}`), {
    code: 'EAI_AGAIN',
    syscall: 'getaddrinfo',
    hostname,
  });
  setImmediate(() => {
    if (failsNames) callback(error);
    else if (wantsAll) callback(null, [{ address: '127.0.0.1', family: 4 }]);
    else callback(null, '127.0.0.1', 4);
  });
};
Object.assign(dns, { lookup: patched });
syncBuiltinESMExports();
