const { http, get, up } = require('./server.cjs');
Error.prepareStackTrace = (e, f) => f.map((x) => x.getFunctionName()).slice(0, 2);
function foo() {
  return new Error('x').stack;
}
console.log(foo());
(async () => {
  const [s, port] = await up(function handler(q, r) {
    console.error('line');
    r.end(String(Array.isArray(new Error('q').stack)));
  });
  console.log((await get(port)).b);
  console.log(await fetch('http://127.0.0.1:1').catch((e) => typeof e.stack));
  s.close();
})();
