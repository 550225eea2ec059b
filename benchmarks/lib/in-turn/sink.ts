import { countSpans, startOtlpReceiver } from '@tandem/otlp/testing';

/** A sink counts the items of requests to this path. */
const PATHS = { otlp: '/v1/traces', 'otlp-logs': '/v1/logs' } as const;
export type Protocol = keyof typeof PATHS;

/** The first message to the parent process: the port for each variant's tracer. */
export interface SinkPorts {
  readonly ports: Readonly<Record<string, number>>;
}

// A process of its own, so that nothing leaves the machine and decoding costs neither the services nor the load.
// Argument: the variants with their protocols as JSON.
const counts: Record<string, number> = {};
const ports: Record<string, number> = {};
for (const [name, protocol] of Object.entries(
  JSON.parse(process.argv[2] ?? '{}') as Record<string, Protocol>,
)) {
  counts[name] = 0;
  const receiver = await startOtlpReceiver();
  receiver.isKeeping = false;
  receiver.answer = ({ path, body }) => {
    // Log records have the place in their request that spans have in theirs.
    if (path === PATHS[protocol]) counts[name] = (counts[name] ?? 0) + countSpans(body);
    return { status: 200 };
  };
  ports[name] = receiver.port;
}
process.on('message', () => process.send?.({ counts }));
process.on('disconnect', () => process.exit(0));
process.send?.({ ports } satisfies SinkPorts);
