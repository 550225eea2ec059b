import type { Attempt, AttemptCall } from './attempt.ts';

/** The calls of an attempt by their keys, in the order of time. */
export type Calls = ReadonlyMap<string, readonly AttemptCall[]>;

/** Attempts of one test that failed, and that passed, or what is read of them. */
export interface Sides<A> {
  readonly failed: readonly A[];
  readonly passed: readonly A[];
}

/** The calls of an attempt by their keys. */
export function byKey({ calls }: Attempt): Calls {
  return Map.groupBy(calls, ({ key }) => key);
}

/** The key of the test's own call that a call is below, or is. A key has the operations from the test on, a line each, after an empty one. */
export function rootOf(key: string): string {
  return `\n${key.split('\n', 2)[1] ?? ''}`;
}

/** Which keys are of requests that the test itself makes again until it likes the answer, and of what these called. */
export function pollingIn({ failed, passed }: Sides<Calls>): (key: string) => boolean {
  const all = [...failed, ...passed];
  const polled = new Set(
    keysOf(all, ({ above }) => above === '').filter((key) => {
      const counts = all.map((calls) => calls.get(key)?.length ?? 0);
      return Math.max(...counts) > 1 && new Set(counts).size > 1;
    }),
  );
  return (key) => polled.has(rootOf(key));
}

/** The calls of both sides without some of them. */
export function without({ failed, passed }: Sides<Calls>, isLeftOut: (key: string) => boolean): Sides<Calls> {
  const some = (calls: Calls): Calls => new Map([...calls].filter(([key]) => !isLeftOut(key)));
  return { failed: failed.map(some), passed: passed.map(some) };
}

/** Whether the last answer of failed attempts is none that a passed one had: then the test stopped there, or gave up. */
export function endsOtherwise({ failed, passed }: Sides<Calls>, key: string): boolean {
  const known = new Set(passed.flatMap((calls) => calls.get(key)?.map(({ answer }) => answer) ?? []));
  const isOther = (answer: string | undefined) => answer !== undefined && !known.has(answer);
  return known.size > 0 && failed.every((calls) => isOther(calls.get(key)?.at(-1)?.answer));
}

/** The keys of calls, in the order in which they are first seen. */
export function keysOf(all: readonly Calls[], takes: (call: AttemptCall) => boolean = () => true): string[] {
  const keys = new Set<string>();
  for (const calls of all)
    for (const [key, [call]] of calls) if (call !== undefined && takes(call)) keys.add(key);
  return [...keys];
}
