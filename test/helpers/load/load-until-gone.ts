import { until } from '../until.ts';

const CLIENTS = 8;

/**
 * Several clients request `url` + 0, 1, 2 … until the server is gone.
 * @returns those that were answered with 200
 * @throws Error when somebody still answers after 20 s
 */
export async function loadUntilGone(url: string): Promise<number[]> {
  const answered: number[] = [];
  let next = 0;
  const ask = async () => {
    const request = next++;
    const status = await fetch(`${url}${request}`).then(
      (response) => response.text().then(() => response.status),
      () => undefined,
    );
    if (status === 200) answered.push(request);
    return status === undefined;
  };
  const client = () => until(ask, { what: `no answer at ${url}`, everyMs: 0 });
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return answered.sort((a, b) => a - b);
}
