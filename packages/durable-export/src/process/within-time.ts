/**
 * Waits for `work`, but not longer than `milliseconds`. Work that is late goes on by itself.
 *
 * @returns whether the work was done in time
 * @throws the error of `work`, when `work` rejects in time
 */
export async function withinTime(work: Promise<unknown>, milliseconds: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, milliseconds, false);
  });
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    clearTimeout(timer);
  }
}
