const { http, get, up } = require('./server.cjs');
Object.defineProperty(Error, 'stackTraceLimit', { value: 3, writable: false, configurable: false });
(async () => {
  const [s, port] = await up((q, r) => {
    console.error('line');
    r.end(String(new Error('x').stack.split('\n').length));
  });
  console.log((await get(port)).b, Error.stackTraceLimit);
  console.log(await fetch('http://127.0.0.1:' + port).then((r) => r.text()));
  s.close();
})();
