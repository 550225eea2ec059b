const { AsyncLocalStorage, AsyncResource } = require('async_hooks');
const a = new AsyncLocalStorage(),
  b = new AsyncLocalStorage();
a.run(1, () => {
  b.enterWith('z');
  setTimeout(() => console.log(a.getStore(), b.getStore()));
  Promise.resolve().then(() => console.log(a.getStore(), b.getStore()));
  const s = AsyncLocalStorage.snapshot();
  a.exit(() =>
    console.log(
      'exit',
      a.getStore(),
      s(() => a.getStore()),
    ),
  );
  const f = AsyncResource.bind(() => a.getStore());
  setImmediate(() => a.run(2, () => console.log('bind', f(), a.getStore())));
});
console.log(a.getStore(), b.getStore());
a.disable();
