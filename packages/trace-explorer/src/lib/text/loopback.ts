/**
 * Whether an Origin is a page of this machine. Browsers always send the Origin of the page with a POST, so
 * this also stops a page whose name was rebound to a loopback address: its Origin keeps that name.
 */
export function isLoopbackOrigin(origin: string): boolean {
  return URL.canParse(origin) && isLoopbackHost(new URL(origin).hostname);
}

/** Whether the host name of a URL always means the browser's own machine. */
export function isLoopbackHost(name: string): boolean {
  return /^(?:(?:.+\.)?localhost|127(?:\.\d+){3}|\[::1\])$/.test(name);
}
