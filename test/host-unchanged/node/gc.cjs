let w = new WeakRef({});
let fr = new FinalizationRegistry((x) => console.log('fin', x));
(() => {
  fr.register({}, 'q');
})();
setTimeout(() => {
  gc();
  console.log(w.deref());
  setTimeout(() => {}, 30);
}, 10);
