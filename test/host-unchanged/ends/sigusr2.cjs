process.on('SIGUSR2', () => {
  console.log('usr2');
  process.exit(3);
});
setTimeout(() => {}, 5000);
process.kill(process.pid, 'SIGUSR2');
