import { createServer } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { PROBLEM_JSON, problemDetails, problems } from '../problems/problems.ts';

// The thread of `openHealthPort`. It listens once the main thread has reported.

/** Status, media type and body of an answer. */
type Answer = readonly [status: number, type: string, body: string];

/** The main thread's last answers by path; undefined for 200 and `ok`. */
export type HealthReport = Readonly<Record<'/health/ready' | '/metrics', Answer | undefined>>;

const OK: Answer = [200, 'application/json', '{"status":"ok"}'];

const LIFE_MS = 5000; // after a sign of life of the main thread
const LOOK_MS = 250; // between two looks for signs of life

const { host, port, signs } = workerData as { host?: string; port: number; signs: Int32Array };
let seen = 0;
let aliveAt = performance.now();
let reportedAt = 0;
const answers = new Map<string, Answer>();

setInterval(function lookForLife() {
  const count = Atomics.load(signs, 0);
  if (count !== seen) aliveAt = performance.now();
  seen = count;
}, LOOK_MS);

function answerTo(path: string): Answer {
  if (path !== '/health/live')
    return answers.get(path) ?? [404, PROBLEM_JSON, problemDetails(problems.ROUTE_NOT_FOUND())];
  if (performance.now() - aliveAt < LIFE_MS) return OK;
  const detail = 'The main thread has shown no sign of life for 5 s.';
  return [503, PROBLEM_JSON, problemDetails(problems.NOT_READY({ detail }))];
}

const server = createServer(function answer({ url = '' }, response) {
  const [path = ''] = url.split('?');
  const [status, type, body] = answerTo(path);
  const age = String(Math.round((performance.now() - reportedAt) / 1000)); // of the report, in seconds (RFC 9111)
  response.writeHead(status, { 'content-type': type, age }).end(body);
});

parentPort?.on('message', (report: HealthReport) => {
  for (const [path, answer] of Object.entries(report)) answers.set(path, answer ?? OK);
  reportedAt = performance.now();
  if (!server.listening) server.listen({ port, host }, () => parentPort?.postMessage('listening'));
});
