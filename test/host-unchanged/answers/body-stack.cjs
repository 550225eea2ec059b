// What is thrown where a body was read: Node's frames are above it, and no others.
const { up, get } = require('./server.cjs');
const files = (e) => e.stack.replaceAll(__dirname, '.').split('\n').slice(1).join('\n');
Error.stackTraceLimit = 50;
(async () => {
  const [s, port] = await up((q, r) => {
    console.log(files(new Error('handler')));
    q.on('data', () => console.log(files(new Error('data'))));
    q.on('end', () => {
      console.log(files(new Error('end')));
      r.end('x');
    });
    r.on('finish', () => console.log(files(new Error('finish'))));
  });
  await get(port, '/api/x', { method: 'POST', body: 'b' });
  s.close();
})();
