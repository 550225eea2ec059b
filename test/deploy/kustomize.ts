import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';

/** An object of a manifest; tests look at its parts as they need them. */
// biome-ignore lint/suspicious/noExplicitAny: a manifest has as many shapes as Kubernetes has kinds
export type Manifest = any;

interface Kustomization {
  readonly namespace?: string;
  readonly resources?: readonly string[];
  readonly patches?: readonly { readonly path: string }[];
  readonly images?: readonly {
    readonly name: string;
    readonly newName?: string;
    readonly newTag?: string;
    readonly digest?: string;
  }[];
  readonly configMapGenerator?: readonly { readonly name: string; readonly files: readonly string[] }[];
  readonly secretGenerator?: readonly {
    readonly name: string;
    readonly envs?: readonly string[];
    readonly literals?: readonly string[];
  }[];
}

/** Fields of a kustomization that `render` follows; another one would be left out in silence. */
const KNOWN = [
  'apiVersion',
  'kind',
  'namespace',
  'resources',
  'patches',
  'images',
  'configMapGenerator',
  'secretGenerator',
];
/** Lists whose items a patch finds by this key, as Kubernetes' schema says (x-kubernetes-patch-merge-key). */
const MERGE_KEYS: Readonly<Record<string, string>> = { containers: 'name', env: 'name' };

/**
 * Renders a kustomization as far as those in `deploy/` go: resources, strategic merge patches, images, generators without
 * the hash in their names. A file of secrets that git ignores is read from its `.example`.
 * @throws Error when a kustomization has a field that this does not follow, or a patch finds nothing
 */
export function render(folder: string): Manifest[] {
  const kustomization: Kustomization = parse(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'));
  const unknown = Object.keys(kustomization).filter((field) => !KNOWN.includes(field));
  if (unknown.length > 0) throw new Error(`${folder}: ${unknown.join(', ')} is not followed here`);
  const manifests = (kustomization.resources ?? []).flatMap((path) =>
    path.endsWith('.yaml') ? readManifests(join(folder, path)) : render(join(folder, path)),
  );
  for (const { name, files } of kustomization.configMapGenerator ?? []) {
    const data = Object.fromEntries(
      files.map((file) => [file.slice(file.lastIndexOf('/') + 1), readFileSync(join(folder, file), 'utf8')]),
    );
    manifests.push({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
  }
  for (const { name, envs = [], literals = [] } of kustomization.secretGenerator ?? []) {
    const lines = envs.flatMap((file) => readFileSync(join(folder, `${file}.example`), 'utf8').split('\n'));
    const pairs = [...lines, ...literals].filter((line) => /^[^#]+=/.test(line));
    const stringData = Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s, 2)));
    manifests.push({ apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData });
  }
  for (const { path } of kustomization.patches ?? []) {
    for (const patch of readManifests(join(folder, path))) {
      const at = manifests.findIndex((manifest) => nameOf(manifest) === nameOf(patch));
      if (at < 0) throw new Error(`${folder}/${path}: there is no ${nameOf(patch)}`);
      manifests[at] = merge(manifests[at], patch);
    }
  }
  for (const manifest of manifests) {
    if (kustomization.namespace !== undefined && manifest.kind !== 'Namespace')
      manifest.metadata.namespace = kustomization.namespace;
    for (const container of podOf(manifest)?.containers ?? []) {
      const image = kustomization.images?.find(({ name }) => name === container.image);
      if (image === undefined) continue;
      const digest = image.digest === undefined ? '' : `@${image.digest}`;
      container.image = `${image.newName ?? image.name}:${image.newTag}${digest}`;
    }
  }
  return manifests;
}

/** The pods' specification of a workload; undefined for other kinds. */
export function podOf(manifest: Manifest): Manifest {
  return manifest.spec?.template?.spec;
}

/** `Deployment/activities-api`. */
export function nameOf({ kind, metadata }: Manifest): string {
  return `${kind}/${metadata.name}`;
}

function readManifests(path: string): Manifest[] {
  return parseAllDocuments(readFileSync(path, 'utf8'), { uniqueKeys: true }).map((document) => {
    const [error] = document.errors;
    if (error !== undefined) throw new Error(`${path}: ${error.message}`);
    return document.toJS();
  });
}

/** A strategic merge: objects by field, some lists by the name of their items, everything else is replaced. */
function merge(target: Manifest, patch: Manifest, field = ''): Manifest {
  const key = MERGE_KEYS[field];
  if (Array.isArray(patch) && Array.isArray(target) && key !== undefined) {
    const isNew = (item: Manifest) => target.every((other) => other[key] !== item[key]);
    const merged = target.map((item) => merge(item, patch.find((other) => other[key] === item[key]) ?? {}));
    return [...patch.filter(isNew), ...merged];
  }
  if (!isObject(patch) || !isObject(target)) return patch;
  const merged = { ...target };
  for (const [name, value] of Object.entries(patch)) merged[name] = merge(target[name], value, name);
  return merged;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
