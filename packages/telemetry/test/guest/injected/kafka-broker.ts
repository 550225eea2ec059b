import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Test } from 'tap';
import { freePort, startProcess } from '../../../../../test/helpers/processes.ts';

const run = promisify(execFile);

const JAVA = ['-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];

const POM = `<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>test</groupId><artifactId>broker</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>3.9.1</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-reload4j</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
`;

/** A broker of Kafka on this machine. */
export interface KafkaBroker {
  readonly address: string;
  isRunning(): boolean;
  /** Ends it at once, as a fault does. */
  kill(): Promise<unknown>;
}

/**
 * Starts one broker of Kafka in KRaft mode below `folder`, with `java` and jars that `mvn` gets. It ends with the tests. Clients
 * wait by themselves until it answers.
 */
export async function startKafka(t: Pick<Test, 'teardown'>, folder: string): Promise<KafkaBroker> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'pom.xml'), POM);
  const copy = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${folder}/jars`];
  await run('mvn', ['-q', '-B', ...copy], { cwd: folder, maxBuffer: 16 * 1024 * 1024 });
  const [port, controller] = [await freePort(), await freePort()];
  const address = `127.0.0.1:${port}`;
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controller}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: `PLAINTEXT://${address},CONTROLLER://127.0.0.1:${controller}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'log.dirs': join(folder, 'data'),
    'offsets.topic.replication.factor': 1,
    'offsets.topic.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'transaction.state.log.num.partitions': 1,
    'group.initial.rebalance.delay.ms': 0,
  };
  const file = join(folder, 'server.properties');
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(file, lines.join(''));
  const java = ['java', ...JAVA, '-cp', join(folder, 'jars', '*')];
  const [program = '', ...args] = java;
  await run(program, [
    ...args,
    'kafka.tools.StorageTool',
    'format',
    '-t',
    'AAAAAAAAQACAAAAAAAAAAQ',
    '-c',
    file,
  ]);
  const broker = startProcess(folder, [...java, 'kafka.Kafka', file], {}, false);
  const kill = () => broker.stop('SIGKILL');
  t.teardown(kill);
  const isRunning = () => broker.child.exitCode === null && broker.child.signalCode === null;
  return { address, isRunning, kill };
}
