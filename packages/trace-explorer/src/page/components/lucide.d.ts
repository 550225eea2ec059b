declare module 'lucide/dist/esm/icons/*' {
  const parts: readonly (readonly [tag: string, attributes: Readonly<Record<string, string>>])[];
  export default parts;
}
