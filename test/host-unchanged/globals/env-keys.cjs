console.log(
  Object.keys(process.env)
    .filter((k) => !/^(OTEL|_$|TANDEM|NODE_OPTIONS|PWD|OLDPWD|SHLVL)/.test(k))
    .sort()
    .join(),
);
process.env.OTEL_SERVICE_NAME = 'changed';
console.log(process.env.OTEL_SERVICE_NAME, process.title);
