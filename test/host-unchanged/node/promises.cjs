const o = [];
setTimeout(() => o.push('t0'));
setImmediate(() => o.push('i'));
process.nextTick(() => o.push('n'));
Promise.resolve()
  .then(() => o.push('p1'))
  .then(() => o.push('p2'));
queueMicrotask(() => o.push('q'));
(async () => {
  o.push('a');
  await null;
  o.push('b');
})();
process.on('exit', () => console.log(o.filter((x) => x !== 'i').join() + o.includes('i')));
