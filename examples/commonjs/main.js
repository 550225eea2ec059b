const { buildApp } = require('./app.js');

buildApp().then(async (app) => {
  await app.listen({ port: Number(process.env.PORT ?? 4571) });
  process.once('SIGTERM', () => app.close());
});
