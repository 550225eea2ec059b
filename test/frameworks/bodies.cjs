// A thousand interleaved requests with bodies in pieces, over kept connections, to Express with body-parser. Prints how often
// the active context was read, and where it was another request's.
const { spawn } = require('node:child_process');
const { Agent, request } = require('node:http');
const { setTimeout: wait } = require('node:timers/promises');

const REQUESTS = 1_000;
const BODIES = [
  ['application/json', ['{"a":"', 'x'.repeat(3_000), '","id":', '1', '}']],
  ['application/x-www-form-urlencoded', ['a=', 'y'.repeat(2_000), '&id=', '2']],
  ['text/plain', ['ab', 'cd']],
];

function send(agent, port, index) {
  const traceId = (index + 1).toString(16).padStart(32, '0');
  const [type, pieces] = BODIES[index % BODIES.length];
  const headers = {
    'content-type': type,
    'x-id': traceId,
    traceparent: `00-${traceId}-b7ad6b7169203331-01`,
  };
  if (index % 2) headers['content-length'] = pieces.join('').length;
  return new Promise((resolve, reject) => {
    const sent = request({ agent, port, headers, host: '127.0.0.1', method: 'POST', path: `/items/${index}` });
    sent.on('error', reject).on('response', (response) => response.resume().on('end', resolve));
    (async () => {
      for (const piece of pieces) {
        sent.write(piece);
        await wait(index % 7);
      }
      sent.end();
    })();
  });
}

/** The sender is a process of its own, which is not traced: its requests carry the context that it says. */
async function sendAll(port) {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  await Promise.all(Array.from({ length: REQUESTS }, (_, index) => send(agent, port, index)));
  agent.destroy();
}

function serve() {
  const { trace } = require('@opentelemetry/api');
  const bodyParser = require('body-parser');
  const app = require('express')();
  const reads = {};
  const wrong = [];
  const look = (where, { headers }) => {
    reads[where] = (reads[where] ?? 0) + 1;
    const traceId = trace.getActiveSpan()?.spanContext().traceId;
    if (traceId !== headers['x-id']) wrong.push(`${where}: ${traceId} in ${headers['x-id']}`);
  };
  const verify = (incoming) => look('body', incoming);
  app.use((incoming, response, next) => {
    for (const event of ['data', 'end']) incoming.on(event, () => look(event, incoming));
    for (const event of ['finish', 'close']) response.on(event, () => look(event, incoming));
    next();
  });
  app.use(bodyParser.json({ verify }), bodyParser.urlencoded({ extended: false, verify }), bodyParser.text({ verify }));
  app.post('/items/:id', (incoming, response) => {
    look('handler', incoming);
    setTimeout(() => {
      look('timer', incoming);
      response.json(incoming.body);
    }, incoming.params.id % 13);
  });
  const server = app.listen(0, '127.0.0.1', () => {
    const env = { ...process.env, NODE_OPTIONS: '' };
    const sender = spawn(process.execPath, [__filename, String(server.address().port)], { env });
    sender.on('exit', () => {
      console.log(JSON.stringify({ reads, wrong }));
      process.kill(process.pid, 'SIGTERM'); // sends the last spans
    });
  });
}

if (process.argv[2] === undefined) serve();
else sendAll(process.argv[2]);
