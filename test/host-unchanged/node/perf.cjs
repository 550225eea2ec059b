const { performance, PerformanceObserver, monitorEventLoopDelay } = require('perf_hooks');
const o = new PerformanceObserver((l) => {
  console.log(
    l
      .getEntries()
      .map((e) => e.name)
      .join(),
  );
  o.disconnect();
});
o.observe({ entryTypes: ['mark', 'measure'] });
performance.mark('a');
performance.measure('m', 'a');
console.log(
  performance
    .getEntries()
    .filter((e) => e.entryType !== 'node')
    .map((e) => e.name + e.entryType)
    .join(),
);
const h = monitorEventLoopDelay();
h.enable();
setTimeout(() => {
  h.disable();
  console.log(h.max > 0);
}, 30);
const h2 = new PerformanceObserver((l) => console.log('http', l.getEntries().length));
h2.observe({ entryTypes: ['http'] });
h2.disconnect();
