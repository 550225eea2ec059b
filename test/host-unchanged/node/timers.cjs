const { setTimeout: st, setInterval: si } = require('timers/promises');
(async () => {
  const t = setTimeout(() => console.log('never'), 1e6);
  t.unref();
  console.log(t.hasRef());
  const ac = new AbortController();
  const w = st(1e5, 0, { signal: ac.signal }).catch((e) => console.log(e.name, e.code));
  ac.abort();
  await w;
  let n = 0;
  for await (const v of si(1, 'v')) {
    if (++n === 3) break;
  }
  console.log(n);
  console.log(typeof +setTimeout(() => {}, 1));
  const i = setInterval(() => {}, 1);
  i.unref();
})();
