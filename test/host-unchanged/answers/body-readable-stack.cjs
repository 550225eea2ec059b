const { up, get } = require('./server.cjs');
const files = (e) => e.stack.replaceAll(__dirname, '.').split('\n').slice(1).join('\n');
Error.stackTraceLimit = 50;
(async () => {
  const [s, port] = await up(async (q, r) => {
    q.once('readable', () => console.log(files(new Error('readable'))));
    for await (const x of q) console.log(String(x), files(new Error('piece')));
    console.log(files(new Error('after')));
    r.end('x');
  });
  await get(port, '/api/x', { method: 'POST', body: 'b' });
  s.close();
})();
