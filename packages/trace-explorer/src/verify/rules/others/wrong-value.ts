import type { Rule } from '../../rule.ts';

/** Other spellings of the conventions' values (semconv/registry/attributes): field; sent, in lower case, and right. */
const SPELLINGS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['db.system.name', { pgsql: 'postgresql', postgres: 'postgresql', mongo: 'mongodb', maria: 'mariadb' }],
  ['db.system.name', { mssql: 'microsoft.sql_server', sqlserver: 'microsoft.sql_server' }],
  ['db.system.name', { elastic: 'elasticsearch' }],
  ['http.request.method', { get: 'GET', post: 'POST', put: 'PUT', patch: 'PATCH', delete: 'DELETE' }],
  ['messaging.operation.type', { publish: 'send', deliver: 'process' }],
  ['messaging.system', { sqs: 'aws_sqs', rabbit: 'rabbitmq', apache_kafka: 'kafka', pubsub: 'gcp_pubsub' }],
  ['network.transport', { ip_tcp: 'tcp', ip_udp: 'udp', tcp: 'tcp', udp: 'udp' }],
  ['network.type', { inet: 'ipv4', inet6: 'ipv6', ipv4: 'ipv4', ipv6: 'ipv6' }],
  ['gen_ai.operation.name', { completion: 'text_completion', embedding: 'embeddings' }],
];

const WORDS = SPELLINGS.flatMap(([name, values]) =>
  Object.entries(values).map(([sent, instead]) => ({ key: `${name} ${sent}`, name, sent, instead })),
);

/** A value in a spelling of its own, where the conventions have one. Its case counts too. */
export const wrongValue: Rule = async ({ count, text }) => {
  const isSent = (name: string, sent: string, instead: string) =>
    `lower(${text(name)}) = '${sent}' AND ${text(name)} <> '${instead}'`;
  const conditions = WORDS.map(({ key, name, sent, instead }) => [key, isSent(name, sent, instead)]);
  const found = await count(Object.fromEntries(conditions));
  return found.map((each) => ({ ...each, words: { ...WORDS.find(({ key }) => key === each.key) } }));
};
