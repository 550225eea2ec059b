const underWay = new Set<Promise<unknown>>();

/** Makes `settled` wait for a read. */
export function track<T>(reading: Promise<T>): Promise<T> {
  underWay.add(reading);
  const end = () => void underWay.delete(reading);
  reading.then(end, end);
  return reading;
}

/** Resolves when the view has been read and drawn, or when the signal aborts. */
export async function settled(signal: AbortSignal): Promise<void> {
  await nextFrame();
  while (underWay.size > 0 && !signal.aborted) {
    await Promise.allSettled(underWay);
    await nextFrame();
  }
}

function nextFrame(): Promise<unknown> {
  return new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
}
