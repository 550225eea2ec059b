import { readFileSync } from 'node:fs';

/**
 * Packets that Linux has sent again so far, on the whole machine, those that open a connection left out. On loopback
 * nothing is lost but what the kernel drops because a queue is full.
 */
export function packetsSentAgain(): number {
  return (
    counter('/proc/net/snmp', 'Tcp', 'RetransSegs') - counter('/proc/net/netstat', 'TcpExt', 'TCPSynRetrans')
  );
}

/** A line of names stands above the line of their values. */
function counter(file: string, group: string, name: string): number {
  const lines = readFileSync(file, 'utf8').split('\n');
  const [names = [], values = []] = lines
    .filter((line) => line.startsWith(`${group}:`))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf(name)]);
}
