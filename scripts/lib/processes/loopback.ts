/**
 * Adds this machine's own names to NO_PROXY. With NODE_USE_ENV_PROXY, Node would ask a company's proxy for them, which knows
 * nothing of this machine.
 */
export function askNoProxyForLoopback(env: NodeJS.ProcessEnv): void {
  const given = env.no_proxy || env.NO_PROXY;
  const names = ['localhost', '.localhost', '127.0.0.1', '[::1]'].filter(
    (name) => !given?.split(/[\s,]+/).includes(name),
  );
  const all = [...(given ? [given] : []), ...names].join();
  Object.assign(env, { NO_PROXY: all, no_proxy: all });
}
