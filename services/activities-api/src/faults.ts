import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { Deadline } from '@tandem/service-kit';
import { activeFault, markFault } from '@tandem/service-kit/faults';
import type { FoundUsers, UserDirectory, UserLookupOptions } from './user-lookup/call.ts';
import { userLookupCall } from './user-lookup/call.ts';

export { delayStatements, injectFaults } from '@tandem/service-kit/faults';

/**
 * A directory for requests with faults. `activities-api:n-plus-one` asks for each user alone, one after the other.
 * `activities-api:drop-context` asks outside of the request's trace. During the look-up of `activities-api:stall=300`, the
 * process stands still for 300 ms. A look-up with a fault is sent without the circuit
 * breaker and the retry, so that the fault neither opens the circuit nor is tried again.
 *
 * @param directory looks up users for requests without a fault
 * @param options for the call of requests with a fault
 */
export function faultyUserDirectory(directory: UserDirectory, options: UserLookupOptions): UserDirectory {
  const direct = userLookupCall(options);
  return {
    find(handles, deadline) {
      const fault = activeFault();
      if (fault === undefined) return directory.find(handles, deadline);
      if (fault.part !== 'activities-api') return direct.find(handles, deadline);
      markFault(fault);
      if (fault.kind === 'n-plus-one') return findOneByOne(direct, handles, deadline);
      if (fault.kind === 'stall') setImmediate(standStill, fault.value); // once the request is on its way
      const ask = () => direct.find(handles, deadline);
      return fault.kind === 'drop-context' ? context.with(ROOT_CONTEXT, ask) : ask();
    },
    close: async () => void (await Promise.all([directory.close(), direct.close()])),
  };
}

/** A loop that lets nothing else run. */
function standStill(ms: number): void {
  for (const end = performance.now() + ms; performance.now() < end; );
}

async function findOneByOne(
  directory: UserDirectory,
  handles: readonly string[],
  deadline: Deadline,
): Promise<FoundUsers> {
  const found = [];
  for (const handle of handles) found.push(await directory.find([handle], deadline));
  return {
    users: new Map(found.flatMap(({ users }) => [...users])),
    missing: new Set(found.flatMap(({ missing }) => [...missing])),
  };
}
