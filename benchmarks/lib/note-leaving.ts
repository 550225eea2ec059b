import { ServerResponse } from 'node:http';
import { LEFT_HEADER, monotonicMs } from './leaving.ts';

// Preloaded into a service: each answer says when it left. Fastify writes an answer's head and its body to the socket one
// right after the other, and the socket gives them to the kernel at once.
const { writeHead } = ServerResponse.prototype;
ServerResponse.prototype.writeHead = function notingWhen(this: ServerResponse, ...args: unknown[]) {
  this.setHeader(LEFT_HEADER, monotonicMs().toFixed(3));
  return Reflect.apply(writeHead, this, args);
};
