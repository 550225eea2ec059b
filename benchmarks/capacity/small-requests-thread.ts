import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { gunzipSync } from 'node:zlib';
import { exportBody } from '../lib/service-spans.ts';
import { answered, PROTOBUF } from './answered.ts';

const PERIOD_MS = 100;

const url: string = workerData;
const body = { bytes: Uint8Array.from(gunzipSync(exportBody(10))), type: PROTOBUF };
const milliseconds: number[] = [];
let isStopping = false;

// The first one makes the tables' columns.
await answered(url, body);
parentPort?.once('message', () => {
  isStopping = true;
});
parentPort?.postMessage('ready');
do {
  const started = performance.now();
  await answered(url, body);
  milliseconds.push(performance.now() - started);
  await sleep(PERIOD_MS);
} while (!isStopping);
parentPort?.postMessage(milliseconds);
