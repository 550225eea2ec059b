// Plain JavaScript: `node tandem` reads it before Node 24 is installed.

/** The first version of each line without the security holes that Node's project published. */
const PATCHED = ['22.23.4', '24.22.1', '26.12.1'];

export function describeHoles(version) {
  const [major, minor, patch] = numbersOf(version);
  const [newest] = numbersOf(PATCHED.at(-1));
  const isPatched = PATCHED.map(numbersOf).some(
    ([line, minorOfLine, patchOfLine]) =>
      major === line && (minor > minorOfLine || (minor === minorOfLine && patch >= patchOfLine)),
  );
  if (isPatched || major > newest) return undefined;
  return `Node ${version} has published security holes. ${PATCHED.join(', ')} and later versions of these lines have none of them.`;
}

function numbersOf(version) {
  return version.split('.').map(Number);
}
