process.on('exit', (c) => {
  console.log('e1', c);
  process.exit(5);
});
process.on('exit', (c) => console.log('e2', c));
process.exitCode = 2;
