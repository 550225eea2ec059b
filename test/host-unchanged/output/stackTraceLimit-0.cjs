const { http, get, up } = require('./server.cjs');
Error.stackTraceLimit = 0;
(async () => {
  const [s, port] = await up((q, r) => {
    console.error('line');
    r.end(new Error('x').stack);
  });
  console.log((await get(port)).b, Error.stackTraceLimit);
  await fetch('http://127.0.0.1:' + port).then((r) => r.text());
  console.log(Error.stackTraceLimit);
  s.close();
})();
