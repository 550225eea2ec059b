import { randomUUID } from 'node:crypto';
import { arch, hostname, release, type } from 'node:os';
import type { Attributes } from '@opentelemetry/api';
import type { Resource } from '../opentelemetry/sdk.ts';
import { resourceFromAttributes, SDK_INFO } from '../opentelemetry/sdk.ts';
import { redact, redactionOf } from '../secrets.ts';
import type { TelemetrySettings } from '../settings/index.ts';

/**
 * The resource of this process, by the semantic conventions for resources. Command-line arguments are left out, because
 * they may hold secrets. OTEL_RESOURCE_ATTRIBUTES win over detected values, OTEL_SERVICE_NAME wins over both.
 */
export function createResource(
  settings: Pick<
    TelemetrySettings,
    'service' | 'resourceAttributes' | 'environmentName' | 'redactAttributes'
  >,
): Resource {
  const { service, resourceAttributes, environmentName, redactAttributes } = settings;
  const attributes: Attributes = {
    ...SDK_INFO,
    'deployment.environment.name': environmentName,
    'host.arch': HOST_ARCH[arch()] ?? arch(),
    'host.name': hostname(),
    'os.type': type().toLowerCase().replace('windows_nt', 'windows'),
    'os.version': release(),
    'process.executable.path': process.execPath,
    'process.pid': process.pid,
    'process.runtime.description': 'Node.js',
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'service.instance.id': randomUUID(),
    ...(service.version === undefined ? {} : { 'service.version': service.version }),
    ...resourceAttributes,
    'service.name': service.name,
  };
  redact(attributes, redactionOf(redactAttributes));
  return resourceFromAttributes(attributes);
}

/** Node's names of architectures → names of the semantic conventions, where they differ. */
const HOST_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', arm: 'arm32', ia32: 'x86', ppc: 'ppc32' };
