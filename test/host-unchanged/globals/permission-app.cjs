// A server that is asked once, under sets of permissions: what it may not do, telemetry may not do either.
const http = require('http');
const told = (e) => console.log(e.code ?? e.message);
try {
  const s = http.createServer((q, r) => r.end('x')).on('error', told);
  s.listen(0, '127.0.0.1', () => {
    const q = http.get({ port: s.address().port, path: '/api/x', agent: false }, (x) => {
      console.log(x.statusCode);
      x.resume().on('end', () => s.close());
    });
    q.on('error', told);
  });
} catch (e) {
  told(e);
}
for (const ask of [
  () => require('fs').existsSync('/.git'),
  () => require('fs').writeFileSync('never', ''),
  () => new (require('worker_threads').Worker)('', { eval: true }),
])
  try {
    console.log(typeof ask());
  } catch (e) {
    told(e);
  }
