const ah = require('async_hooks');
const seen = new Set();
const h = ah
  .createHook({
    init(id, type) {
      seen.add(type);
    },
  })
  .enable();
setTimeout(() => {
  Promise.resolve().then(() => {
    h.disable();
    console.log(seen.has('Timeout'), ah.executionAsyncId() > 0);
  });
}, 1);
