import { createServer } from 'node:http';
import { tellPort } from '../lib/tell-port.ts';

const server = createServer((_, response) => void response.end('ok'));
server.listen(0, '127.0.0.1', () => tellPort(server));
