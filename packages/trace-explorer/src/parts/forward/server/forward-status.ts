import type { ServerContext } from '../../../core/door/node.ts';
import type { StatusRow } from '../../../core/status.ts';
import { ForwardStatus } from '../status.ts';
import type { ExplorerTee } from './tee.ts';

/** Counts of what is sent on; undefined where nothing is. */
export function forwardStatus({ intake }: Pick<ServerContext, 'intake'>): ForwardStatus | undefined {
  return (intake.tee as ExplorerTee | undefined)?.status();
}

/** The row of the status. */
export function forwardRow(context: Pick<ServerContext, 'intake'>): StatusRow {
  return {
    name: 'forward',
    schema: { ...ForwardStatus, description: 'absent when the explorer sends nothing on' },
    read: () => forwardStatus(context),
    notices: () => forwardStatus(context)?.problems ?? [],
  };
}
