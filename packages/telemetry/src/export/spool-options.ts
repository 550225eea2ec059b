import type { LossReason } from '../counters.ts';
import type { Batch } from '../wire/batch.ts';
import type { StatFs } from './free-space.ts';
import type { RefusedPathError, SpoolFiles } from './spool-files.ts';

export interface SpoolOptions {
  /** Of all processes with this service and destination. */
  readonly directory: string;
  /** The directory of all services and destinations. */
  readonly root: string;
  readonly maxBytes: number;
  /** The most memory that may wait for the disk. */
  readonly maxUnwrittenBytes: number;
  readonly statfs?: StatFs | undefined;
  readonly files?: SpoolFiles | undefined;
  readonly onWritten: (items: number) => void;
  /** Called with how many items came from other processes. */
  readonly onAdopted: (items: number) => void;
  /** Called with a batch that the disk did not take. */
  readonly onUnwritten: (batch: Batch) => void;
  readonly onLost: (reason: LossReason, items: number) => void;
  /** Called with a file whose end is torn off: a process was killed while it wrote. */
  readonly onTorn: (path: string, bytes: number) => void;
  readonly onRefused: (error: RefusedPathError) => void;
  readonly onError: (error: unknown) => void;
}
