const CLIENTS = 8;

/** Requests `url` + 0, 1, 2 … by several clients until nobody answers any more. @returns those that were answered with 200 */
export async function loadUntilGone(url: string): Promise<number[]> {
  const answered: number[] = [];
  let next = 0;
  const client = async () => {
    for (;;) {
      const request = next++;
      const status = await fetch(`${url}${request}`).then(
        (response) => response.text().then(() => response.status),
        () => undefined,
      );
      if (status === undefined) return;
      if (status === 200) answered.push(request);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return answered.sort((a, b) => a - b);
}
