/** Whether the host name of a URL is one of this machine: to it go no proxy's requests, and no header leaves the machine. */
export function isLoopback(hostname: string): boolean {
  return /^(?:(?:[\w-]{1,63}\.){0,9}localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(hostname);
}
