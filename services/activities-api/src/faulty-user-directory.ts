import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { activeFault, markFault } from '@tandem/service-kit';
import type { UserDirectory } from './user-lookup-client.ts';

/**
 * Wraps a directory so that it is asked as badly as the request's fault says: `activities-api:n-plus-one` asks for
 * each user alone, one after the other; `activities-api:drop-context` asks outside of the request's trace.
 */
export function faultyUserDirectory(directory: UserDirectory): UserDirectory {
  return {
    find(handles, deadline) {
      const fault = activeFault('activities-api');
      if (fault !== undefined) markFault(fault);
      switch (fault?.kind) {
        case 'n-plus-one':
          return findOneByOne(directory, handles, deadline);
        case 'drop-context':
          return context.with(ROOT_CONTEXT, () => directory.find(handles, deadline));
        default:
          return directory.find(handles, deadline);
      }
    },
    close: () => directory.close(),
  };
}

async function findOneByOne(
  directory: UserDirectory,
  ...[handles, deadline]: Parameters<UserDirectory['find']>
) {
  const found = [];
  for (const handle of handles) found.push(await directory.find([handle], deadline));
  return {
    users: new Map(found.flatMap(({ users }) => [...users])),
    missing: new Set(found.flatMap(({ missing }) => [...missing])),
  };
}
