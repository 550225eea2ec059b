process.on('exit', () => console.log('not called?'));
process.reallyExit(8);
