import { availableParallelism, cpus, release, totalmem, type } from 'node:os';

/** The machine and the runtime, in one sentence. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim().replace(/\s+/g, ' ') ?? 'unknown processor';
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return `Node ${process.version}, ${type()} ${release()} ${process.arch}, ${availableParallelism()} cores (${model}), ${gibibytes} GiB.`;
}
