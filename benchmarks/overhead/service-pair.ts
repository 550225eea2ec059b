import { fileURLToPath } from 'node:url';
import type { Launch, MeasuredService } from '../lib/measured-service.ts';
import { startMeasured } from '../lib/measured-service.ts';

const SERVICE = fileURLToPath(import.meta.resolve('./service.ts'));

/**
 * Starts `front` and `back` of `service.ts` under a tracer.
 *
 * @param launch for a service of this name
 * @throws Error with its last output when a service ends before it listens
 */
export async function startServicePair(launch: (serviceName: string) => Launch): Promise<MeasuredService> {
  const back = await startMeasured(launch('overhead-back'), { path: SERVICE });
  let front: MeasuredService;
  try {
    front = await startMeasured(launch('overhead-front'), {
      path: SERVICE,
      arguments: ['127.0.0.1', 'localhost'].map((host) => `http://${host}:${back.port}`),
    });
  } catch (error) {
    await back.stop();
    throw error;
  }
  return {
    port: front.port,
    pids: [...front.pids, ...back.pids],
    async stop() {
      await Promise.all([front.stop(), back.stop()]);
    },
  };
}
