// What a caller hears of its answers, in its order: kept connections and others, bodies and none.
const { http, up } = require('./server.cjs');
const told = (name, emitter, events) => {
  for (const each of events) emitter.on(each, (e) => console.log(name, each, e instanceof Error ? e.code : ''));
};
const ask = (port, what, options) =>
  new Promise((done) => {
    const r = http.request({ port, ...options }, (x) => {
      told(what, x, ['end', 'close', 'aborted', 'error']);
      x.on('data', (chunk) => console.log(what, 'data', chunk.length));
      console.log(what, x.statusCode, x.listenerCount('data'), x.readableFlowing);
    });
    told(what, r, ['response', 'information', 'continue', 'error', 'close', 'finish']);
    r.on('close', () => setImmediate(done)).end();
  });
(async () => {
  const [s, port] = await up((q, r) => {
    if (q.url === '/hints') r.writeEarlyHints({ link: '</a.css>; rel=preload' });
    if (q.url === '/cut') return void r.writeHead(200, { 'content-length': 9 }).write('x', () => q.socket.destroy());
    r.writeHead(Number(q.url.slice(1)) || 200).end('ok');
  });
  const agent = new http.Agent({ keepAlive: true });
  for (const [how, options] of Object.entries({ kept: { agent }, not: { agent: false }, close: { headers: { connection: 'close' } } }))
    for (const path of ['/200', '/204', '/304', '/500', '/hints', '/cut'])
      for (const method of ['GET', 'HEAD']) await ask(port, `${how} ${method} ${path}`, { path, method, ...options });
  agent.destroy();
  s.close();
})();
