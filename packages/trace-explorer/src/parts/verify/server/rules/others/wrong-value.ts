import { counted } from '../../../../../lib/text/words.ts';
import { verifyRule } from '../../rule.ts';

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

/** A value in a spelling of its own, where the conventions have one. Its case counts too. */
export const wrongValue = verifyRule({
  title: 'Values in another spelling',
  find: ({ countEach, text }) =>
    countEach(
      SPELLINGS.flatMap(([name, values]) =>
        Object.entries(values).map(([sent, instead]) => ({
          key: { name, sent, instead },
          condition: `lower(${text(name)}) = '${sent}' AND ${text(name)} <> '${instead}'`,
        })),
      ),
      'isSpan',
      SPELLINGS.map(
        ([name, values]) => `${text(name)} NOT IN ('${Object.values(values).join("', '")}')`,
      ).join(' OR '),
    ),
  sentence: ({ count, key: { name, sent, instead } }) =>
    `${name} is ${sent} on ${counted(count, 'span')}; the conventions have ${instead}`,
  node: ({ key: { name, instead } }) => `span.setAttribute('${name}', '${instead}')`,
  others: ({ key: { name, instead } }) => `${name} set to ${instead}`,
});
