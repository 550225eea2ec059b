import { createHash } from 'node:crypto';
import { at } from '../../../../explorer.ts';
import type { PlainSpan } from '../../../../spans.ts';
import { randomId } from '../../../../spans.ts';
import type { Requested } from './test-run.ts';
import { failure, later, requests } from './test-run.ts';

/** A test of Vitest, or a suite, which has some below it. */
export interface WatchedTask {
  readonly name: string;
  readonly fails?: boolean;
  readonly asks?: readonly Requested[];
  readonly isSkipped?: boolean;
  readonly below?: readonly WatchedTask[];
}

/** A process of Vitest that watches: what it returns makes the spans of all files that run at once, in a trace of their own. */
export function watchedVitest(run: string, instance = randomId(16)) {
  return (files: Readonly<Record<string, readonly WatchedTask[]>>, project = ''): PlainSpan[] => {
    const traceId = randomId(16);
    const resource = { 'tandem.run.id': run, 'service.instance.id': instance };
    const base = { traceId, service: 'shop', resource };
    // Tests are in workers, which are processes of their own.
    const worker = { ...base, resource: { ...resource, 'service.instance.id': randomId(16) } };
    const root = randomId(8);
    const tasksOf = (
      tasks: readonly WatchedTask[],
      file: string,
      parentSpanId: string,
      above: string,
    ): PlainSpan[] =>
      tasks.flatMap((task, nth) => {
        const [spanId, start, id] = [randomId(8), later(), `${above}_${nth}`];
        const kind = task.below === undefined ? 'test' : 'suite';
        const span = {
          ...worker,
          ...{
            spanId,
            parentSpanId,
            name: `vitest.test.runner.run.${kind}`,
            start: at(start),
            durationMs: 200,
          },
          attributes: {
            [`vitest.${kind}.id`]: id,
            [`vitest.${kind}.name`]: task.name,
            [`vitest.${kind}.mode`]: task.isSkipped ? 'skip' : 'run',
            'code.file.path': `/shop/${file}`,
          },
        };
        if (task.isSkipped) return [span];
        if (task.below !== undefined) return [span, ...tasksOf(task.below, file, spanId, id)];
        const body = {
          ...worker,
          ...{ spanId: randomId(8), parentSpanId: spanId, name: 'vitest.test.runner.test.callback' },
          ...{ start: at(start + 2), durationMs: 150, ...(task.fails && failure()) },
        };
        return [span, body, ...requests(worker, body.spanId, start + 2, task.asks ?? [])];
      });
    const start = at(later());
    return [
      { ...base, spanId: root, name: 'vitest.test_run', start, durationMs: 60_000 },
      ...Object.entries(files).flatMap(([file, tasks]) => {
        const id = -createHash('sha256').update(`${file}${project}`).digest().readInt32BE();
        return tasksOf(tasks, file, root, String(id));
      }),
    ];
  };
}
