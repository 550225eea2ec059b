// Answers each request of the measured process, and takes its spans, so that only the caller's work is measured.
import { createServer } from 'node:http';
import { tellPort } from '../lib/tell-port.ts';
import { ANSWER } from './answer.ts';

const server = createServer((request, response) => {
  request.resume().on('end', () => response.end(ANSWER));
}).listen(0, '127.0.0.1', () => tellPort(server));
