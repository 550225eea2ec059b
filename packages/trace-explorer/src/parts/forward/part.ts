import type { Part } from '../../core/door/part.ts';
import type {} from './status.ts';

/**
 * Sends taken data on to Honeycomb or another receiver, for teams that look at both (EXPLORER_FORWARD). The
 * data waits in a folder of its own while the receiver is away, of any number of datasets; if the disk is full,
 * 4 MiB for each dataset and signal wait in memory. Without it a service sends its data twice, or needs a Collector in between.
 */
export const part: Part = { name: 'forward' };
