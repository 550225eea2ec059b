process.on('exit', (c) => console.log(c));
throw null;
