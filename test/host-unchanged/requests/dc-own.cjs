const dc = require('diagnostics_channel');
const c = dc.channel('mine');
console.log(c.hasSubscribers, dc.hasSubscribers('http.server.request.start'));
const tc = dc.tracingChannel('t');
tc.subscribe({
  start() {
    console.log('s');
  },
  end() {
    console.log('e');
  },
  error(m) {
    console.log('er', m.error.message);
  },
});
try {
  tc.traceSync(() => {
    throw new Error('q');
  }, {});
} catch (e) {
  console.log('th', e.message);
}
tc.tracePromise(async () => {
  await null;
  return 5;
}, {}).then(console.log);
