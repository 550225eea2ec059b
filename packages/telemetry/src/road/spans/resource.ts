import { arch, hostname } from 'node:os';
import type { Attributes } from '@opentelemetry/api';
import { SDK_INFO } from '@opentelemetry/core';
import type { Resource } from '@opentelemetry/resources';
import {
  detectResources,
  osDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import { ATTR_CODE_FOLDER } from '../../attributes.ts';
import { redact, redactionOf } from '../../process/secrets/redaction.ts';
import type { TelemetrySettings } from '../../process/settings/index.ts';

type Used = 'service' | 'environmentName' | 'resourceAttributes' | 'redactAttributes';

/**
 * The resource of this process, by the semantic conventions for resources. Command-line arguments are left out, because
 * arguments may hold secrets. The machine's id is left out, because the id comes late. OTEL_RESOURCE_ATTRIBUTES win over
 * detected values, and OTEL_SERVICE_NAME wins over all.
 */
export function createResource(
  settings: Pick<TelemetrySettings, Used> & Partial<Pick<TelemetrySettings, 'codeLocations'>>,
): Resource {
  const { service, environmentName, resourceAttributes, redactAttributes, codeLocations } = settings;
  const attributes: Attributes = {
    ...SDK_INFO,
    'deployment.environment.name': environmentName,
    'host.arch': HOST_ARCH[arch()] ?? arch(),
    'host.name': hostname(),
    'process.executable.path': process.execPath,
    'process.pid': process.pid,
    'process.runtime.description': 'Node.js',
    'process.runtime.name': 'nodejs',
    'process.runtime.version': process.versions.node,
    'service.version': service.version,
    // Lines of code are told from here. Stacks have whole paths.
    ...(codeLocations && { [ATTR_CODE_FOLDER]: codeLocations }),
  };
  const detected = detectResources({ detectors: [osDetector, serviceInstanceIdDetector] });
  const all = {
    ...attributes,
    ...detected.attributes,
    ...resourceAttributes,
    'service.name': service.name,
  };
  redact(all, redactionOf(redactAttributes));
  return resourceFromAttributes(all);
}

/** Node's names of architectures → different names of the semantic conventions. */
const HOST_ARCH: Readonly<Record<string, string>> = { x64: 'amd64', arm: 'arm32', ia32: 'x86', ppc: 'ppc32' };
