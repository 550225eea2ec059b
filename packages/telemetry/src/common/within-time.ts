import { clearTimeout, setTimeout } from './primordials.ts';
/** Waits for `work`, but not longer than `milliseconds`. Work that is late goes on by itself. @throws the error of `work` */
export async function withinTime(work: Promise<unknown>, milliseconds: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}
