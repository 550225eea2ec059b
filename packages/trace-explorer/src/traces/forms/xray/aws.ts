import type { PlainValue } from '../plain-value.ts';
import type { AttributeReader } from './attribute-reader.ts';

/** The `aws` block of a call to an AWS service (`rpc.system` = `aws-api`). */
export function awsBlock(attributes: AttributeReader): { [key: string]: PlainValue } | undefined {
  const system = attributes.peek('rpc.system.name') ?? attributes.peek('rpc.system');
  if (system !== 'aws-api') return undefined;
  attributes.take('rpc.system', 'rpc.system.name');
  const operation = attributes.takeString('rpc.method', 'aws.operation');
  const region = attributes.takeString('cloud.region', 'aws.region');
  const requestId = attributes.takeString('aws.request_id', 'aws.requestId');
  const queue = attributes.takeString('aws.sqs.queue.url', 'aws.queue_url');
  const tables = attributes.take('aws.dynamodb.table_names');
  return {
    ...(operation !== undefined && { operation }),
    ...(region !== undefined && { region }),
    ...(requestId !== undefined && { request_id: requestId }),
    ...(queue !== undefined && { queue_url: queue }),
    ...(Array.isArray(tables) && { table_names: tables }),
  };
}

const origins = new Map<PlainValue | undefined, string>([
  ['aws_app_runner', 'AWS::AppRunner::Service'],
  ['aws_eks', 'AWS::EKS::Container'],
  ['aws_elastic_beanstalk', 'AWS::ElasticBeanstalk::Environment'],
  ['aws_ecs', 'AWS::ECS::Container'],
  ['aws_ec2', 'AWS::EC2::Instance'],
]);

/** The kind of AWS resource the service runs on, when its resource attributes say so. */
export function awsOrigin(resource: AttributeReader): string | undefined {
  return origins.get(resource.peek('cloud.platform'));
}
