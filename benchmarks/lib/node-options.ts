/**
 * Options of Node for every service that takes turns with others. One that waits for some seconds would collect its
 * garbage and give up its young generation: +40 µs per request in the next slice, also without any tracer.
 */
export const EQUAL_FOR_ALL: readonly string[] = ['--no-memory-reducer'];

/** What the start commands of this workspace's services ask V8 for; benchmarks say what others gain by it. */
export const YOUNG_ALLOCATIONS = '--no-allocation-site-pretenuring';
