const { get, up } = require('./server.cjs');
const real = setTimeout;
globalThis.setTimeout = () => {
  throw new Error('fake st');
};
globalThis.setInterval = () => {
  throw new Error('fake si');
};
globalThis.setImmediate = () => {
  throw new Error('fake im');
};
globalThis.queueMicrotask = () => {
  throw new Error('fake qm');
};
process.nextTick_ = 1;
Date.now = () => 0;
performance.now = () => 0;
process.hrtime.bigint = () => 0n;
Math.random = () => 0;
(async () => {
  const [s, port] = await up((q, r) => r.end('z'));
  console.log((await get(port)).b);
  console.log((await get(port)).b);
  s.close();
})();
