import type { FastifyInstance } from 'fastify';

/**
 * While the app closes, each answer is the last one on its connection. An app that closes waits for its connections, and ends only
 * those without a request: one whose answer came later would stay, as browsers keep theirs, until it has been silent for a minute.
 */
export function closeAfterAnswers(app: FastifyInstance): void {
  let isClosing = false;
  app.addHook('preClose', async function noteClosing() {
    isClosing = true;
  });
  app.addHook('onSend', function endConnection(_request, reply, payload, done) {
    if (isClosing) reply.header('connection', 'close');
    done(null, payload);
  });
}
