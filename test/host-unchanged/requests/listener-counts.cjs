const { get, up } = require('./server.cjs');
(async () => {
  const [s, port] = await up((q, r) => {
    console.log(
      'req',
      q.eventNames().length,
      q.listenerCount('close'),
      q.listenerCount('error'),
      'res',
      r.listenerCount('close'),
      r.listenerCount('finish'),
      r.listenerCount('error'),
    );
    r.end();
  });
  console.log(
    'srv',
    ['request', 'connection', 'close', 'upgrade', 'clientError', 'checkContinue']
      .map((e) => s.listenerCount(e))
      .join(),
  );
  await get(port);
  console.log(
    [
      'SIGTERM',
      'SIGINT',
      'SIGHUP',
      'exit',
      'beforeExit',
      'uncaughtException',
      'unhandledRejection',
      'uncaughtExceptionMonitor',
      'warning',
      'message',
      'disconnect',
    ]
      .map((e) => e + ':' + process.listenerCount(e))
      .join(),
  );
  s.close();
})();
