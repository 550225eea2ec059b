// Uploads of fetch whose source fails, or that their caller cancels.
const { up } = require('./server.cjs');
const web = (last) => {
  let n = 0;
  return new ReadableStream({
    pull(c) {
      if (n++ === 0) c.enqueue(new TextEncoder().encode('a'));
      else return last(c);
    },
  });
};
(async () => {
  const [s, port] = await up((q, r) => q.resume().on('error', () => {}));
  const send = (what, body, signal) =>
    fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body, duplex: 'half', signal }).then(
      (x) => console.log(what, x.status),
      (e) => console.log(what, e.name, e.message, e.cause?.message),
    );
  await send('source', web((c) => c.error(new Error('source failed'))));
  const soon = new AbortController();
  setTimeout(() => soon.abort(), 50);
  await send('cancelled', web(() => new Promise(() => {})), soon.signal);
  const own = new AbortController();
  setTimeout(() => own.abort(new Error('not wanted')), 50);
  await send('with a reason', web(() => new Promise(() => {})), own.signal);
  s.closeAllConnections();
  s.close();
})();
