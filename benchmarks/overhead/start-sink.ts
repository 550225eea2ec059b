import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Protocol } from './sink.ts';

/** Backends of all tracers, on loopback. */
export interface Sink {
  /** By variant. */
  readonly ports: Readonly<Record<string, number>>;
  /** Path of the certificate that its HTTPS side has. */
  readonly certificate: string;
  /** Spans that came so far, by variant. */
  counts(): Promise<Readonly<Record<string, number>>>;
  stop(): void;
}

/** Starts a sink for the given variants in a process of its own; its certificate is made in `directory`. */
export async function startSink(
  protocols: Readonly<Record<string, Protocol>>,
  directory: string,
): Promise<Sink> {
  const certificate = join(directory, 'certificate.pem');
  const key = join(directory, 'key.pem');
  if (Object.values(protocols).includes('newrelic')) makeCertificate(certificate, key);
  const child = fork(new URL('./sink.ts', import.meta.url), [JSON.stringify(protocols), certificate, key]);
  const [{ ports }] = await once(child, 'message');
  return {
    ports,
    certificate,
    async counts() {
      child.send({});
      const [{ counts }] = await once(child, 'message');
      return counts;
    },
    stop() {
      child.disconnect();
    },
  };
}

/** For the one agent that speaks nothing but HTTPS. */
function makeCertificate(certificate: string, key: string): void {
  const options = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj', '/CN=localhost'];
  const names = ['-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync('openssl', [...options, ...names, '-keyout', key, '-out', certificate], { stdio: 'ignore' });
}
