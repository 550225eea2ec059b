let n = 0;
process.on('beforeExit', (c) => {
  console.log('be', c);
  if (++n < 3) setTimeout(() => {}, 1);
  else process.exitCode = 6;
});
process.on('exit', (c) => console.log('exit', c, n));
