import type { AttributeReader } from './attribute-reader.ts';
import type { Draft } from './present.ts';

/** Whether a span is a call of the AWS SDK. */
export function isAwsCall(attributes: AttributeReader): boolean {
  return (attributes.sent('rpc.system.name') ?? attributes.sent('rpc.system')) === 'aws-api';
}

/** The service that a call of the AWS SDK used, `DynamoDB`. X-Ray names the call after the service. */
export function awsServiceOf(attributes: AttributeReader): string | undefined {
  const [service] = serviceAndOperation(attributes);
  return service?.replace(/^AWS(?:\.SDK\.|::)/, '');
}

/** The `aws` block of a call of the AWS SDK. */
export function awsCall(attributes: AttributeReader): Draft | undefined {
  if (!isAwsCall(attributes)) return undefined;
  const [, operation] = serviceAndOperation(attributes);
  attributes.take(
    'rpc.system',
    'rpc.system.name',
    'rpc.service',
    'rpc.method',
    'aws.operation',
    'aws.service',
  );
  const tables = attributes.take('aws.dynamodb.table_names', 'aws.table_name', 'aws.table.name');
  const names = Array.isArray(tables) ? tables : tables === undefined ? [] : [tables];
  return {
    operation,
    region: attributes.takeString('cloud.region', 'aws.region'),
    request_id: attributes.takeString('aws.request_id', 'aws.requestId', 'aws.request.id'),
    queue_url: attributes.takeString('aws.sqs.queue.url', 'aws.queue_url', 'aws.queue.url', 'messaging.url'),
    table_name: names.length === 1 ? names[0] : undefined,
    table_names: names.length > 1 ? names : undefined,
  };
}

/** `DynamoDB` and `GetItem`: from two attributes, or from one `rpc.method` in the present conventions. */
function serviceAndOperation(attributes: AttributeReader): (string | undefined)[] {
  const text = (...keys: readonly string[]) => attributes.sentText(...keys);
  const [first = '', ...rest] = (text('rpc.method') ?? '').split('/');
  const service = text('aws.service', 'rpc.service') ?? (rest.length > 0 ? first : undefined);
  const operation = text('aws.operation') ?? (rest.length > 0 ? rest.join('/') : first);
  return [service, operation || undefined];
}
