process.on('uncaughtExceptionMonitor', (e, o) => console.log('mon', o, e.message));
throw new Error('mm');
