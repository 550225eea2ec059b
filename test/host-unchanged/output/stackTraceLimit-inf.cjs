const { get, up } = require('./server.cjs');
Error.stackTraceLimit = Infinity;
function deep(n) {
  if (n === 0) return new Error('d');
  return deep(n - 1);
}
const e = deep(5000);
console.log(e.stack.split('\n').length, Error.stackTraceLimit);
(async () => {
  const [s, port] = await up((q, r) => {
    console.error(deep(3).message);
    r.end('x');
  });
  console.log((await get(port)).b, Error.stackTraceLimit);
  s.close();
  throw e.message;
})().catch((m) => {
  console.log(m);
});
