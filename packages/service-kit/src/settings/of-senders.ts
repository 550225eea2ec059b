/** The environment of what sends spans itself: without Honeycomb's key where the explorer sends on to Honeycomb. */
export function ofSenders(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { HONEYCOMB_API_KEY: _key, ...withoutKey } = env;
  return env.EXPLORER_FORWARD === 'honeycomb' ? withoutKey : env;
}
