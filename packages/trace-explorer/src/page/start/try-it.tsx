import { pageSettings } from '../browser/settings.ts';

/** Names *Try it* as a way to get traces, where the two services are. */
export function TryIt() {
  if (pageSettings.apiUrl === '') return null;
  return (
    <>
      Send a request from <a href="/try">Try it</a>.{' '}
    </>
  );
}
