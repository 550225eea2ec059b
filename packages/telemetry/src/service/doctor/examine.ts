import type { Destination } from '../../process/settings/destinations.ts';
import type { TelemetrySettings } from '../../process/settings/index.ts';
import { examineDestination, isOfHoneycomb, isProblem } from './examine-destination.ts';
import { examineService } from './examine-service.ts';
import { examineSettings } from './examine-settings.ts';
import type { Finding } from './finding.ts';

/** The subject of `examine`, and checks of a caller's own. */
export interface Examined {
  readonly environment: NodeJS.Dict<string>;
  /** The folder of the service. */
  readonly directory: string;
  /** What the backend says about the key. */
  readonly examineKey: () => Promise<Finding>;
  /** A finding that stands for the request to a destination; default: each destination is asked. */
  readonly passOver?: (destination: Destination) => Finding | undefined;
  /** Sends a trace to the working destinations. @param all the settings with all destinations */
  readonly sendTrace: (working: TelemetrySettings, all: TelemetrySettings) => Promise<Finding[]>;
  /** Names and base URLs of running services. */
  readonly services: readonly (readonly [name: string, url: string])[];
}

/** Why a service has no traces. A check comes after the checks that it needs, and each finding comes at once. */
export async function* examine(subject: Examined): AsyncGenerator<Finding> {
  const { environment, directory, passOver, services } = subject;
  const { findings, settings } = examineSettings(environment, { directory });
  yield* findings;
  const key = await subject.examineKey();
  yield key;
  if (settings.disabled) return;
  const destinations: Destination[] = [];
  for (const destination of settings.destinations) {
    if (key.level === 'problem' && isOfHoneycomb(destination)) continue; // the key's finding says so
    const passed = passOver?.(destination);
    const found = passed ? [passed] : await examineDestination(destination);
    yield* found;
    if (!found.some(isProblem)) destinations.push(destination);
  }
  yield* await subject.sendTrace({ ...settings, destinations }, settings);
  for (const [name, url] of services) yield* await examineService(name, url, settings.destinations);
}
