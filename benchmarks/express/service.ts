import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import { tellPort } from '../lib/tell-port.ts';

// Of its own folder's packages, as the tracers are.
const express = createRequire(import.meta.url)('express');

const app = express();
app.use(express.json());
const users = express.Router();
users.get('/:handle', (request: { params: { handle: string } }, response: { json(body: object): void }) => {
  response.json({ handle: request.params.handle, display_name: 'Ada' });
});
app.use('/users', users);
const server: Server = app.listen(0, '127.0.0.1', () => tellPort(server));
