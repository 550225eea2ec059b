import { parentPort, workerData } from 'node:worker_threads';
import { HttpLoad } from './http-load.ts';
import type { LoadOrder, LoadTarget } from './load-thread.ts';

const { port, path }: LoadTarget = workerData;
const load = new HttpLoad(port);

parentPort?.on('message', async (order: LoadOrder) => {
  const pathOf = () => path;
  const result =
    order.kind === 'closed loop'
      ? await load.closedLoop(order.count, order.parallel, pathOf)
      : await load.fixedRate(order.count, order.rate, pathOf, order.connections);
  parentPort?.postMessage({ ...result });
});
