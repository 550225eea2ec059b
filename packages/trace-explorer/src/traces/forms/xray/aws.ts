import type { PlainValue } from '../plain-value.ts';
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

/**
 * The `aws` block of a segment: the place of its service in AWS, and the SDK. Undefined when the resource does not name AWS.
 */
export function awsResource(resource: AttributeReader): Draft | undefined {
  if (!isAws(resource)) return undefined;
  const text = (...keys: readonly string[]) => resource.sentText(...keys);
  const platform = text('cloud.platform');
  const zone = text('cloud.availability_zone');
  const [host, cluster] = [text('host.id'), text('k8s.cluster.name')];
  const [sdk, language] = [text('telemetry.sdk.name'), text('telemetry.sdk.language')];
  const distribution = text('telemetry.distro.version', 'telemetry.auto.version');
  const logGroups = resource.sent('aws.log.group.names');
  return {
    account_id: text('cloud.account.id'),
    ...(platform === 'aws_ecs' && {
      ecs: {
        container: text('container.name'),
        container_id: text('container.id'),
        container_arn: text('aws.ecs.container.arn'),
        cluster_arn: text('aws.ecs.cluster.arn'),
        task_arn: text('aws.ecs.task.arn'),
        task_family: text('aws.ecs.task.family'),
        launch_type: text('aws.ecs.launchtype'),
        availability_zone: zone,
      },
    }),
    ...((platform === 'aws_ec2' || host !== undefined) && {
      ec2: {
        instance_id: host,
        availability_zone: zone,
        instance_size: text('host.type'),
        ami_id: text('host.image.id'),
      },
    }),
    ...((platform === 'aws_eks' || cluster !== undefined) && {
      eks: {
        cluster_name: cluster,
        pod: text('k8s.pod.name'),
        container_id: text('container.id'),
      },
    }),
    ...(platform === 'aws_elastic_beanstalk' && {
      elastic_beanstalk: {
        environment_name: text('service.namespace'),
        version_label: text('service.version'),
        deployment_id: Number(text('service.instance.id')) || undefined,
      },
    }),
    cloudwatch_logs: Array.isArray(logGroups) ? logGroups.map((group) => ({ log_group: group })) : undefined,
    ...(sdk !== undefined && {
      xray: {
        sdk: language === undefined ? sdk : `${sdk} for ${language}`,
        sdk_version: text('telemetry.sdk.version'),
        auto_instrumentation: distribution !== undefined,
      },
    }),
  };
}

function isAws(resource: AttributeReader): boolean {
  const [provider, platform] = [resource.sent('cloud.provider'), resource.sent('cloud.platform')];
  if (provider !== undefined) return provider === 'aws';
  return typeof platform === 'string' && platform.startsWith('aws_');
}

const origins = new Map<PlainValue | undefined, string>([
  ['aws_app_runner', 'AWS::AppRunner::Service'],
  ['aws_eks', 'AWS::EKS::Container'],
  ['aws_elastic_beanstalk', 'AWS::ElasticBeanstalk::Environment'],
  ['aws_ecs', 'AWS::ECS::Container'],
  ['aws_ec2', 'AWS::EC2::Instance'],
]);
const ecsOrigins = new Map<PlainValue | undefined, string>([
  ['ec2', 'AWS::ECS::EC2'],
  ['fargate', 'AWS::ECS::Fargate'],
]);

/** The kind of AWS resource that the service runs on; undefined when its resource attributes do not say it. */
export function awsOrigin(resource: AttributeReader): string | undefined {
  if (!isAws(resource)) return undefined;
  const platform = resource.sent('cloud.platform');
  const ecs = platform === 'aws_ecs' ? ecsOrigins.get(resource.sent('aws.ecs.launchtype')) : undefined;
  return ecs ?? origins.get(platform);
}
